#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The time from a clean clone to the end of the first command, for two revisions of this repository:

  bench/first_start.py OLD [--new HEAD] [--words predict --demo] [--rounds 1] [--limit SECONDS]

Each revision is cloned into a temporary folder, with a compiler cache of its own that is empty at first. Debian's packages are those of the
machine; Python packages are installed again in each clone. Prints a Markdown table with the seconds of each step of the last round, and the
ratio new / old of the best totals. A command that takes longer than --limit is stopped and counts as that long; one that ends with an error, as
tests of an old revision on a newer machine may, counts as it is, and the table says so. Needs an idle machine."""
import argparse
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
STEP = re.compile(r"^mien: (.+?) … (?:.*?)([0-9]+\.[0-9]) s$")


def revision(name):
    return subprocess.run(["git", "-C", ROOT, "rev-parse", "--short=9", name], check=True, capture_output=True, text=True).stdout.strip()


def steps_of(talk):
    """[(step, seconds)] from the lines of ./mien; names of packages are left out."""
    return [(re.sub(r" \(.*\)", "", m[1]), float(m[2])) for m in map(STEP.match, talk.splitlines()) if m]


def first_start(name, words, limit):
    """(seconds, steps, how it ended: "", "stopped" or its exit code) of ./mien WORDS in a new clone."""
    with tempfile.TemporaryDirectory() as folder:
        clone = pathlib.Path(folder) / "mien"
        cache = pathlib.Path(folder) / "ccache"
        begin = time.monotonic()
        subprocess.run(["git", "clone", "-q", ROOT, clone], check=True)
        subprocess.run(["git", "-C", clone, "checkout", "-q", name], check=True)
        process = subprocess.Popen([clone / "mien", *words], env={**os.environ, "CCACHE_DIR": str(cache)}, cwd=clone,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)
        try:
            out, talk = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            _, talk = process.communicate()
            return limit, steps_of(talk), "stopped"
        seconds = time.monotonic() - begin
        if process.returncode == 0:
            return seconds, steps_of(talk), ""
        print(f"./mien {' '.join(words)} of {name}:\n{out}{talk}", file=sys.stderr)
        return seconds, steps_of(talk), f"exit code {process.returncode}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("old")
    parser.add_argument("--new", default="HEAD")
    parser.add_argument("--words", nargs="+", default=["predict", "--demo"])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--limit", type=float, default=3600)
    args = parser.parse_args()
    old, new = revision(args.old), revision(args.new)
    best, steps = {}, {}
    for _ in range(args.rounds):
        for name in (new, old):
            seconds, steps[name], end = first_start(name, args.words, args.limit)
            best[name] = min((seconds, end), best.get(name, (seconds, end)))
            print(f"<!-- {name}: {seconds:.0f} s {end} -->", flush=True)
    print(f"\n`./mien {' '.join(args.words)}` in a clean clone, compiler cache empty, {os.cpu_count()} cores\n")
    print("| revision | " + " | ".join(["seconds", "of which"]) + " |\n|---|---|---|")
    for name in (old, new):
        seconds, end = best[name]
        print(f"| {name} | {seconds:.0f}{f' ({end})' if end else ''} | {', '.join(f'{what} {s:.0f}' for what, s in steps[name] if s >= 1)} |")
    print(f"\nnew / old: {best[new][0] / best[old][0]:.2f}")


if __name__ == "__main__":
    main()
