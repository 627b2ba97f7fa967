#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Pictures per second of `mien predict FOLDER` on one core and on several, in turns.

  bench/throughput.py --mien build/release/bin/mien FOLDER [--cores 2] [--rounds 5]

Each run is a process of its own on the first N cores (taskset). Loading the networks is subtracted. The ratio is that of the medians.
"""
import argparse
import json
import os
import statistics
import subprocess


def pictures_per_second(arguments, cores):
    command = ["taskset", "-c", ",".join(map(str, cores)), arguments.mien, "predict", arguments.folder, "--format", "json", "--report", "none"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    result = json.loads(done.stdout)
    timing = result["timing_ms"]
    return 1000 * len(result["images"]) / (timing["total"] - timing["load"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", help="pictures")
    parser.add_argument("--mien", default="build/release/bin/mien")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    usable = sorted(os.sched_getaffinity(0))
    if len(usable) < arguments.cores:
        raise SystemExit(f"throughput: {len(usable)} cores are usable here, {arguments.cores} were asked for. Give --cores {len(usable)}.")
    print("| round | pictures/s, 1 core | " + f"pictures/s, {arguments.cores} cores | ratio |\n| --- | --- | --- | --- |")
    one, several = [], []
    for number in range(arguments.rounds):
        one.append(pictures_per_second(arguments, usable[:1]))
        several.append(pictures_per_second(arguments, usable[:arguments.cores]))
        print(f"| {number + 1} | {one[-1]:.1f} | {several[-1]:.1f} | {several[-1] / one[-1]:.2f} |", flush=True)
    a, b = statistics.median(one), statistics.median(several)
    print(f"| median | {a:.1f} | {b:.1f} | **{b / a:.2f}** |")


if __name__ == "__main__":
    main()
