#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# sanitized.sh BUILD [words for ctest]: the tests of a build with sanitizers, with what they and the libraries need.
#   cmake --preset asan && cmake --build build/asan && tests/support/sanitized.sh build/asan -LE slow
set -euo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd) build=$1
shift
# OpenVINO's oneTBB opens a library in a way that AddressSanitizer refuses, unless told; Debian's cannot be told, so the
# former must be the one that is found.
openvino=$(sed -n 's/^OpenVINO_DIR:[A-Z]*=//p' "$build/CMakeCache.txt")
export MIEN_SANITIZED=1 TBB_ENABLE_SANITIZERS=1 LD_LIBRARY_PATH="${openvino%/cmake}/libs${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
export ASAN_OPTIONS=detect_leaks=1:allocator_may_return_null=1:strict_string_checks=1:detect_stack_use_after_return=1${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export LSAN_OPTIONS=suppressions="$here/leaks.supp":print_suppressions=0 UBSAN_OPTIONS=print_stacktrace=1 OMP_NUM_THREADS=1
exec ctest --test-dir "$build" --output-on-failure --timeout 1800 "$@"
