# SPDX-License-Identifier: Apache-2.0
# interrupted.sh RUN COMMAND…: starts a training and stops it within the epoch that follows the next finished one.
# Two signals for one request, as timeout and container runtimes send them.
run=$1
shift
lines() { cat "$run/metrics.jsonl" 2> /dev/null | wc -l; }
before=$(lines)
"$@" &
pid=$!
until [ "$(lines)" -gt "$before" ]; do
  kill -0 $pid 2> /dev/null || break
  sleep 0.05
done
kill -INT $pid 2> /dev/null && kill -INT $pid
wait $pid
