# SPDX-License-Identifier: Apache-2.0
# Writes HEADER with the revision of REPOSITORY; an unchanged header keeps its modification time.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND git describe --always --dirty --abbrev=9 --exclude=* WORKING_DIRECTORY ${REPOSITORY}
                OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT revision)
  set(revision unknown)
endif()
file(CONFIGURE OUTPUT ${HEADER} CONTENT "#define MIEN_GIT_REVISION \"@revision@\"\n" @ONLY)
