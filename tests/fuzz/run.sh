#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh BUILD SECONDS WORK [target…]: runs each fuzz target for SECONDS on one core, starting from the kept corpus and the
# inputs in WORK, and prints a line of figures per target. Findings are written to WORK/found. KEEP=1 minimises the corpus
# and adds it to the source tree.
#   cmake --preset fuzz && cmake --build build/fuzz && tests/fuzz/run.sh build/fuzz 600 /tmp/fuzz
set -uo pipefail
here=$(cd "${BASH_SOURCE[0]%/*}" && pwd) build=$1 seconds=$2 work=$3
shift 3
(($#)) || set -- $(cd "$build/bin" && ls -d fuzz_* | sed 's/^fuzz_//')
mkdir -p "$work/found"
export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1
export LSAN_OPTIONS=suppressions=$here/../support/leaks.supp:print_suppressions=0
for name; do
  mkdir -p "$work/$name" "$here/corpus/$name"
  nice -n 19 "$build/bin/fuzz_$name" -max_total_time="$seconds" -max_len=8192 -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
    -artifact_prefix="$work/found/$name-" "$work/$name" "$here/corpus/$name" >"$work/$name.log" 2>&1
  code=$?
  awk -v n="$name" -v c=$code '/number_of_executed_units/ {e=$2} /cov:/ {for (i = 1; i < NF; ++i) if ($i == "cov:") v = $(i + 1)} /peak_rss_mb/ {m=$2}
    END {printf "%-12s exit %d  %s executions  coverage %s  %s MB\n", n, c, e, v, m}' "$work/$name.log"
  if [[ ${KEEP:-} ]]; then
    rm -rf "$work/$name.min" && mkdir "$work/$name.min"
    "$build/bin/fuzz_$name" -merge=1 -max_len=8192 "$work/$name.min" "$here/corpus/$name" "$work/$name" >>"$work/$name.log" 2>&1
    find "$work/$name.min" -type f -size -3k -printf '%s %p\n' | sort -n | awk -v most="${KEEP_BYTES:-100000}" '(sum += $1) <= most {print $2}' |
      while read -r file; do cp -n "$file" "$here/corpus/$name/"; done
  fi
done
