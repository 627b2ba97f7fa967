#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the forward pass of the shipped models on one core: model_times.py MIEN [FILE.onnx ...] writes
docs/results/model-times.json, from which tools/cli_docs.py takes the column "ms" of docs/models.md.

MIEN is the built program. FILE: further exported models, listed below the shipped ones, such as an untrained network of a published
size. `mien models --time` measures each model in every round; the shortest pass of all rounds is kept, because other load on the machine only
makes a pass longer. The weights' hash of each model goes with its time, so that a time is never shown beside other weights."""
import argparse
import json
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PASSES = 31  # of each model in a round, as in runtime::TimingOptions
TARGET = ROOT / "docs/results/model-times.json"


def processor():
    names = re.findall(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return f"one core of {names[0].strip()}" if names else "one core of an unknown processor"


def measured(mien, folder):
    """The models that the program finds, with their times; only the user's folder of models is another one."""
    environment = {**os.environ, "XDG_DATA_HOME": str(folder)}
    done = subprocess.run([str(mien), "models", "--time", "--json"], check=True, capture_output=True, text=True, env=environment)
    return json.loads(done.stdout)


def entry(model):
    return {"weights": model["weights_hash"], "method": model["method"], "side": model["input"]["width"], "color": model["input"]["color"],
            "parameters": model["parameters"], "multiply_adds": model["multiply_adds"],
            "bytes": Path(model["file"]).stat().st_size, "ms": model["forward_least_ms"]}


def times(mien, further, rounds):
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "mien/models"
        folder.mkdir(parents=True)
        for file in further:
            shutil.copy(file, folder)
        shipped, others = {}, {}
        for _ in range(rounds):
            for model in measured(mien, scratch):
                group = others if Path(model["file"]).parent == folder else shipped
                new = entry(model)
                old = group.setdefault(model["name"], new)
                old["ms"] = min(old["ms"], new["ms"])
    for group in (shipped, others):
        for model in group.values():
            model["ms"] = float(f"{model['ms']:.3g}")
    return {"machine": processor(), "rounds": rounds, "passes": PASSES, "models": shipped, "others": others}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mien", type=Path)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    TARGET.write_text(json.dumps(times(arguments.mien.resolve(), arguments.files, arguments.rounds), indent=2) + "\n")
    print(TARGET.relative_to(ROOT))


if __name__ == "__main__":
    main()
