# SPDX-License-Identifier: Apache-2.0
# cmake --install: the recognition half, relocatable. bin/mien, lib/libmien.so, headers, find_package(mien), mien.pc,
# share/mien with models and detectors, lib/mien with the parts of OpenVINO that run them. CPack makes a .deb of it, which
# depends on the system's libraries, and an archive (.tar.gz), which includes them.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The build tree has the layout of an installation: one run path, relative to the program, serves both. CMake's own edit at
# installation would leave an empty element in the build's run path, which the loader interprets as the working folder.
set_target_properties(mien PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/mien")
set_target_properties(mien_shared PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "$ORIGIN/mien"
                      LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR})
# The old kind of run path (RPATH) also applies to indirect libraries, which have no path of their own in the archive.
target_link_options(mien PRIVATE -Wl,--disable-new-dtags)
target_link_options(mien_shared PRIVATE -Wl,--disable-new-dtags)
install(TARGETS mien RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS mien_shared EXPORT mienTargets LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}) # users call it mien::mien
install(FILES include/mien/mien.hpp include/mien/mien.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mien)
install(FILES src/mien/base/error.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/mien/base)
install(FILES LICENSE THIRD_PARTY.md CHANGELOG.md README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
file(GLOB models CONFIGURE_DEPENDS models/*.onnx)
install(FILES ${models} DESTINATION ${CMAKE_INSTALL_DATADIR}/mien/models)
# Detectors and the sample picture: from the user's folder if they exist there, otherwise fetched; both are checked.
install(CODE "
  execute_process(COMMAND ${mien_python} -B ${PROJECT_SOURCE_DIR}/tools/fetch_assets.py predict
                          --to \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/mien COMMAND_ERROR_IS_FATAL ANY)")

# Completions and the manual page, printed by the program itself. MIEN_HOME keeps the user's own models out of the scripts.
install(CODE "
  set(share \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR})
  set(zsh_dir zsh/site-functions)
  if(CMAKE_INSTALL_PREFIX STREQUAL \"/usr\")
    set(zsh_dir zsh/vendor-completions) # where Debian's zsh looks for completions of packages
  endif()
  function(print file)
    cmake_path(GET file PARENT_PATH folder)
    file(MAKE_DIRECTORY \${share}/\${folder})
    execute_process(COMMAND \${CMAKE_COMMAND} -E env MIEN_HOME=${PROJECT_BINARY_DIR}/no_home $<TARGET_FILE:mien> \${ARGN}
                    OUTPUT_FILE \${share}/\${file} COMMAND_ERROR_IS_FATAL ANY)
  endfunction()
  print(bash-completion/completions/mien completion bash --installed)
  print(\${zsh_dir}/_mien completion zsh --installed)
  print(fish/vendor_completions.d/mien.fish completion fish --installed)
  print(man/man1/mien.1 man)")

# OpenVINO's wheel finds its parts next to each other ($ORIGIN), so they move together.
get_target_property(openvino_library openvino::runtime IMPORTED_LOCATION_RELEASE)
get_filename_component(openvino_dir ${openvino_library} DIRECTORY)
file(GLOB openvino_parts ${openvino_dir}/libopenvino.so.* ${openvino_dir}/libopenvino_onnx_frontend.so.* ${openvino_dir}/libopenvino_ir_frontend.so.*
     ${openvino_dir}/libopenvino_tensorflow_lite_frontend.so.* ${openvino_dir}/libopenvino_intel_cpu_plugin.so
     ${openvino_dir}/libtbb*.so.* ${openvino_dir}/libhwloc.so.*)
install(FILES ${openvino_parts} DESTINATION ${CMAKE_INSTALL_LIBDIR}/mien)
file(MAKE_DIRECTORY ${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR})
file(CREATE_LINK ${openvino_dir} ${PROJECT_BINARY_DIR}/${CMAKE_INSTALL_LIBDIR}/mien SYMBOLIC)

# A plugin that OpenVINO does not find next to itself is searched for in the working folder. A file with its name
# that is not a library ends this search.
foreach(plugin auto auto_batch hetero intel_gpu intel_npu)
  set(stand_in ${PROJECT_BINARY_DIR}/stand_ins/libopenvino_${plugin}_plugin.so)
  file(WRITE ${stand_in} "mien uses OpenVINO's CPU plugin alone. This file keeps OpenVINO from looking for this plugin in the working folder.\n")
  install(FILES ${stand_in} DESTINATION ${CMAKE_INSTALL_LIBDIR}/mien)
endforeach()

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/mien)
install(EXPORT mienTargets NAMESPACE mien:: DESTINATION ${package_dir})
configure_file(cmake/mienConfig.cmake.in ${PROJECT_BINARY_DIR}/mienConfig.cmake @ONLY)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/mienConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/mienConfig.cmake ${PROJECT_BINARY_DIR}/mienConfigVersion.cmake DESTINATION ${package_dir})
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/mien.pc @ONLY CONTENT [[prefix=${pcfiledir}/../..
Name: mien
Description: Facial expression recognition
Version: @PROJECT_VERSION@
Libs: -L${prefix}/@CMAKE_INSTALL_LIBDIR@ -lmien
Cflags: -I${prefix}/@CMAKE_INSTALL_INCLUDEDIR@
]])
install(FILES ${PROJECT_BINARY_DIR}/mien.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(CODE "
  execute_process(COMMAND ${mien_python} -B ${PROJECT_SOURCE_DIR}/tools/bundle.py --openvino ${openvino_dir} --compiler ${CMAKE_CXX_COMPILER}
                          --libs \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/mien
                          --docs \$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DOCDIR}
                          $<TARGET_FILE:mien> $<TARGET_FILE:mien_shared> ${openvino_parts} COMMAND_ERROR_IS_FATAL ANY)"
        COMPONENT system_libraries EXCLUDE_FROM_ALL)

set(CPACK_GENERATOR TGZ DEB)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/cmake/MienPackage.cmake) # the differences between the two
set(CPACK_PACKAGE_FILE_NAME mien-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
set(CPACK_STRIP_FILES ON)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PACKAGE_CONTACT "the mien developers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "facial expression recognition: photos in, expressions out")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)  # OpenCV, picture formats, libzip and libcrypto come from Debian
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS libheif1) # opened at run time, for HEIC and AVIF
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${openvino_dir})
include(CPack)
