# SPDX-License-Identifier: Apache-2.0
# mien_library(NAME [COLD] [TORCH] [PUBLIC targets...] [PRIVATE targets...])
#   One static library from the folder's *.cc; *_test.cc become one test program, ctest name NAME_test.
#   PUBLIC: included by the folder's headers. PRIVATE: included only by its sources.
#   COLD: compiled for a short compile time, except for sources that mien_hot_sources names.
#   TORCH: reuse the precompiled header of mien_nn.
add_library(mien_warnings INTERFACE)
target_compile_options(mien_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(mien_warnings INTERFACE -Wno-restrict) # false alarms on std::string operator+ (GCC bug 105651)
endif()
option(MIEN_WERROR "Warnings are errors" ON)
if(MIEN_WERROR)
  target_compile_options(mien_warnings INTERFACE -Werror)
endif()
if(MIEN_SANITIZE)
  add_compile_options(-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_compile_definitions(_GLIBCXX_ASSERTIONS) # bounds of spans and views inside larger blocks
  add_link_options(-fsanitize=address,undefined)
endif()
if(MIEN_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

# A single source spends most of its time on headers: compiled in groups, all take less than half the time. The groups
# are smaller for tests, and where LibTorch's headers take much memory.
option(MIEN_UNITY "Compile several sources of a folder as one" ON)
set(CMAKE_UNITY_BUILD ${MIEN_UNITY})
set(CMAKE_UNITY_BUILD_BATCH_SIZE 24)
set(MIEN_SMALL_BATCH_SIZE 16)
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
  add_compile_options("SHELL:--param ggc-min-heapsize=1000000") # KiB before the compiler collects its garbage
endif()

# Optimising text and JSON that nobody waits for takes half of the time of a build.
function(mien_compile_cold target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-Og>)
endfunction()

# LibTorch's headers, as nn/torch.h lists them, are parsed once, in mien_nn. A precompiled header contains only headers of
# others: ccache returns one whose comments alone have changed, and GCC then no longer recognises its '#pragma once'.
# COLD: also as mien_compile_cold.
function(mien_compile_with_torch target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD_BATCH_SIZE ${MIEN_SMALL_BATCH_SIZE})
  if(target STREQUAL mien_nn)
    set(torch_header ${PROJECT_SOURCE_DIR}/src/mien/nn/torch.h)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${torch_header})
    file(STRINGS ${torch_header} headers REGEX "^#include <")
    list(TRANSFORM headers REPLACE "#include " "")
    target_precompile_headers(mien_nn PRIVATE ${headers})
  else()
    target_precompile_headers(${target} REUSE_FROM mien_nn)
  endif()
  if(COLD IN_LIST ARGN)
    mien_compile_cold(${target})
    if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
      target_compile_options(${target} PRIVATE -Wno-maybe-uninitialized) # with -Og, false alarms on optional arguments
    endif()
  endif()
endfunction()

# Sources of a cold folder with loops over pixels or bytes.
function(mien_hot_sources)
  set_source_files_properties(${ARGN} PROPERTIES COMPILE_OPTIONS $<$<CONFIG:Release>:-O3>)
endfunction()

function(mien_library name)
  cmake_parse_arguments(ARG "COLD;TORCH" "DIR" "PUBLIC;PRIVATE;TEST" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_(test|case)\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  if(sources)
    add_library(mien_${name} STATIC ${sources})
    target_include_directories(mien_${name} PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
    target_link_libraries(mien_${name} PUBLIC ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE} mien_warnings)
    if(ARG_COLD)
      mien_compile_cold(mien_${name})
    endif()
    if(ARG_TORCH)
      mien_compile_with_torch(mien_${name})
    endif()
  else()
    add_library(mien_${name} INTERFACE)
    target_include_directories(mien_${name} INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/src>)
    target_link_libraries(mien_${name} INTERFACE ${ARG_PUBLIC})
  endif()
  add_library(mien::${name} ALIAS mien_${name})
  if(MIEN_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE mien_${name} mien_test_main mien_warnings ${ARG_PRIVATE} ${ARG_TEST})
    set_target_properties(${name}_test PROPERTIES UNITY_BUILD_BATCH_SIZE ${MIEN_SMALL_BATCH_SIZE})
    if(ARG_TORCH)
      mien_compile_with_torch(${name}_test COLD)
    else()
      mien_compile_cold(${name}_test)
    endif()
    add_test(NAME ${name}_test COMMAND ${name}_test WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
    set_tests_properties(${name}_test PROPERTIES LABELS unit)
  endif()
endfunction()
