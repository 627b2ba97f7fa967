#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Files of ours, damaged: model, pack, checkpoint and configuration, cut at every sixteenth and with flipped bytes.

Each must be refused with exit code 2, 3 or 4 and a sentence that names the file, and without taking more memory than the
whole file did (and 64 MB). Exit code 0: all held; 1: not; 77: skipped.
"""
import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from faults import SYSTEM, TRAIN, Failure, require, run

SLACK_KB = 64 * 1024


def run_measured(command, cwd):
    """Exit code, stderr, most memory in kB."""
    with open(cwd / "talk", "w+b") as talk:
        process = subprocess.Popen([str(word) for word in command], cwd=cwd, stdout=subprocess.DEVNULL, stderr=talk)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        talk.seek(0)
        return process.returncode, talk.read().decode("utf-8", "replace"), usage.ru_maxrss


def damaged(content, flips, rng):
    """(what was done, bytes): sixteen cuts, then flips of one byte, half of them in the first and last kilobyte."""
    for sixteenth in range(16):
        yield f"cut at {sixteenth}/16", content[:len(content) * sixteenth // 16]
    yield "cut by one byte", content[:-1]
    for i in range(flips):
        ends = [rng.randrange(min(1024, len(content))), len(content) - 1 - rng.randrange(min(1024, len(content)))]
        at = ends[i // 2 % 2] if i % 2 else rng.randrange(len(content))
        flipped = bytearray(content)
        flipped[at] ^= 1 << rng.randrange(8)
        yield f"bit flipped in byte {at}", bytes(flipped)


def try_all(kind, file, commands, folder, flips, rng, report, may_pass=False):
    content, tried, passed, largest = file.read_bytes(), 0, 0, 0
    usual = max(run_measured(command, folder)[2] for command in commands)
    for what, broken in damaged(content, flips, rng):
        file.write_bytes(broken)
        for command in commands:
            code, talk, memory = run_measured(command, folder)
            tried += 1
            where = f"{kind}, {what}, {' '.join(str(w) for w in command[:3])}"
            require(0 <= code < 128, f"{where}: crashed ({code})\n{talk}")
            require(memory < usual + SLACK_KB, f"{where}: {memory} kB, the whole file takes {usual} kB")
            if code == 0 and may_pass:
                passed += 1
                continue
            require(code in (2, 3, 4), f"{where}: exit code {code}\n{talk}")
            require(file.name in talk or "--set" in talk, f"{where}: does not name the file\n{talk}")
            largest = max(largest, memory)
    file.write_bytes(content)
    report(f"{kind}: {tried} tries ({len(content)} bytes), all refused" + (f" but {passed} that stayed valid" if passed else "") +
           f"; at most {largest // 1024} MB, whole {usual // 1024} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--root", type=Path, required=True)
    parser.add_argument("--flips", type=int, default=24)
    parser.add_argument("--seed", type=int, default=None)
    args = parser.parse_args()
    mien, lab = (args.bin / "mien").resolve(), (args.bin / "mien-lab").resolve()
    if not mien.exists():
        print("SKIPPED: the program mien is not built")
        return 77
    seed = args.seed if args.seed is not None else random.randrange(1 << 30)
    print(f"seed {seed}", flush=True)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    folder, rng = Path(tempfile.mkdtemp(prefix="mien-damage-")), random.Random(seed)
    report = lambda line: print(line, flush=True)
    try:
        run([sys.executable, SYSTEM / "make_ferplus.py", folder / "fer", 3], folder)
        picture = next((folder / "fer/FER2013Test").glob("*.png"))
        run([mien, "data", "pack", "fer", "-o", "fer.pack"], folder)
        try_all("pack", folder / "fer.pack", [[mien, "data", "check", "fer.pack"]], folder, args.flips, rng, report)
        if lab.exists():
            config = (args.root / "configs/dan/ferplus.toml").resolve()
            shutil.copy(config, folder / "run.toml")
            run([lab, "train", config, *TRAIN, "--set", "name=run"], folder)
            shutil.copy(folder / "runs/train/run/best.safetensors", folder / "net.safetensors")
            run([lab, "export", "runs/train/run", "-o", "model.onnx"], folder)
            try_all("checkpoint", folder / "net.safetensors", [[lab, "eval", "net.safetensors", "--data", "fer.pack", "--split", "test"]],
                    folder, args.flips, rng, report)
            try_all("last checkpoint", folder / "runs/train/run/last.safetensors", [[lab, "train", "--resume", "runs/train/run"]],
                    folder, args.flips // 2, rng, report)
            # The pack is named wrong on purpose, so that a configuration that stays valid is not trained with.
            try_all("configuration", folder / "run.toml", [[lab, "train", "run.toml", "--set", "data.pack=run.toml"]], folder, args.flips, rng, report)
            try_all("model", folder / "model.onnx", [[mien, "predict", "--detector", "none", "--model", "model.onnx", picture],
                                                     [mien, "eval", "model.onnx", "--data", "fer.pack"]], folder, args.flips, rng, report)
        return 0
    except Failure as failure:
        print(f"FAILED: {failure}")
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
