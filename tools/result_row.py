#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Adds a trained model to docs/results/ferplus.jsonl, or replaces the row of that name; docs/experiments.md, "How a figure gets on a page".

  mien eval runs/train/NAME --split test --json > test.json
  tools/result_row.py runs/train/NAME --table others --name "ViT-SE, tiny" --test test.json [--flip flip.json] [--against "plain network"]
  tools/result_pages.py

The row keeps what `mien eval --json` printed; metrics.jsonl of the run is copied to docs/results/NAME-metrics.jsonl, for the validation accuracy,
the epochs and the minutes."""
import argparse
import json
import math
import re
import shutil
import struct
import sys
import tomllib
from pathlib import Path

from result_models import RowError, read_rows

ROOT = Path(__file__).resolve().parent.parent
FIGURES = ("data", "split", "label_rule", "samples", "accuracy", "accuracy_interval", "mean_recall", "macro_f1", "ece", "nll", "kl_votes", "classes", "confusion", "command")
STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def figures_of(path):
    """The figures of one `mien eval --json`, on the test part."""
    try:
        printed = json.loads(path.read_text())
    except (OSError, json.JSONDecodeError) as error:
        raise RowError(f"{path}: {error}. Give the output of 'mien eval … --json'.") from error
    missing = [name for name in ("accuracy", "accuracy_interval", "mean_recall", "ece", "kl_votes") if name not in printed]
    if missing or printed.get("split") != "test":
        raise RowError(f"{path}: split is {printed.get('split')!r}, missing: {', '.join(missing) or 'nothing'}. Give the output of 'mien eval … --split test --json'.")
    figures = {name: printed[name] for name in FIGURES if name in printed}
    for name in ("data", "command"):
        if name in figures:
            figures[name] = without_folders(figures[name])
    return figures


def without_folders(words):
    """Absolute paths cut to their file names, as in a model's card: a row says nothing about the machine."""
    return re.sub(r"(?<!\S)/(?:[^\s/]+/)*([^\s/]+)", r"\1", words)


def parameters_of(checkpoint):
    """How many weights a checkpoint has, without the statistics of norms."""
    with checkpoint.open("rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    return sum(math.prod(entry["shape"]) for name, entry in header.items() if name != "__metadata__" and not name.endswith(STATISTICS))


def row_of(arguments, metrics):
    run = arguments.run
    config = tomllib.loads((run / "config.toml").read_text())
    spec = config["input"]
    row = {"table": arguments.table, "name": arguments.name, "method": config["method"],
           "input": f"{spec['size']} px {'grey' if len(spec['mean']) == 1 else 'colour'}",
           "parameters": arguments.parameters or parameters_of(run / "best.safetensors"), "stages": [{"metrics": metrics}]}
    if arguments.file:
        row["file"] = arguments.file
    if arguments.against:
        row["against"] = arguments.against
    row["test"] = figures_of(arguments.test)
    if arguments.flip:
        row["flip"] = figures_of(arguments.flip)
    return row


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, help="folder of the run")
    parser.add_argument("--table", required=True, choices=("labels", "default", "scratch", "others"), help="table of docs/results.md")
    parser.add_argument("--name", required=True, help="what the table calls the model")
    parser.add_argument("--test", type=Path, required=True, help="output of 'mien eval … --split test --json'")
    parser.add_argument("--flip", type=Path, help="the same with --flip")
    parser.add_argument("--against", help="name of the row that is the baseline")
    parser.add_argument("--file", help="the shipped file, as in models/NAME.onnx")
    parser.add_argument("--parameters", type=int, help="weights in use; default: all of the checkpoint's, without statistics of norms")
    parser.add_argument("--root", type=Path, default=ROOT, help="root of the project")
    arguments = parser.parse_args()
    results = arguments.root / "docs/results"
    try:
        metrics = f"{arguments.run.name}-metrics.jsonl"
        row = row_of(arguments, metrics)
        rows = [other for other in read_rows(results / "ferplus.jsonl") if other["name"] != row["name"]] + [row]
        if arguments.against and arguments.against not in [other["name"] for other in rows]:
            raise RowError(f"--against {arguments.against!r} is none of {', '.join(other['name'] for other in rows)}.")
    except (RowError, OSError, KeyError, tomllib.TOMLDecodeError) as error:
        sys.exit(f"result_row: {error}")
    shutil.copyfile(arguments.run / "metrics.jsonl", results / metrics)
    (results / "ferplus.jsonl").write_text("".join(json.dumps(r, ensure_ascii=False) + "\n" for r in rows))
    print(f"{results / 'ferplus.jsonl'}: {row['name']}; now run tools/result_pages.py")


if __name__ == "__main__":
    main()
