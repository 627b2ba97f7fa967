#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Evaluates exported models on faces that are partly covered, and keeps the figures in docs/results/occlusion.jsonl.

  mien data pack ferplus.zip -o ferplus.pack --landmarks
  tools/occlusion.py ferplus.pack models/*.onnx [--bin build/release/bin]
  tools/result_pages.py

All kinds are made from the same pictures: those with landmarks. The packs are written to runs/occlusion; existing ones are used again.
Rows of models that are not named stay."""
import argparse
import json
import subprocess
import sys
from pathlib import Path

from result_models import accuracy_of, percent, read_rows

ROOT = Path(__file__).resolve().parent.parent
KINDS = {"none": "uncovered", "square": "square", "eyes": "eyes", "mouth": "mouth", "mask": "face mask"}
FIGURES = ("samples", "accuracy", "accuracy_interval", "mean_recall", "command")


def occlusion_table(path):
    """Lines of the table from the kept rows: accuracy with its interval and mean recall, of each model and each kind."""
    rows = {(row["model"], row["kind"]): row for row in read_rows(path)}
    models = list(dict.fromkeys(model for model, _ in rows))
    lines = []
    for figure, show in (("test accuracy, % [95 %]", accuracy_of), ("test mean recall, %", lambda row: percent(row["mean_recall"]))):
        lines += ["", f"| {figure} | " + " | ".join(KINDS.values()) + " |", "|---|" + "---|" * len(KINDS)]
        lines += [f"| {model} | " + " | ".join(show(rows[model, kind]) if (model, kind) in rows else "–" for kind in KINDS) + " |" for model in models]
    return lines[1:]


def run(words):
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"occlusion: {' '.join(words)}: exit code {done.returncode}.")
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pack", type=Path, help="packed data set with landmarks")
    parser.add_argument("models", type=Path, nargs="+", help="exported models")
    parser.add_argument("--bin", type=Path, help="folder of the built programs; default: ./mien, which builds them")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/results/occlusion.jsonl", help="file of the rows; those of the named models are replaced")
    arguments = parser.parse_args()
    mien = str(arguments.bin.resolve() / "mien" if arguments.bin else ROOT / "mien")
    folder = Path("runs/occlusion")
    folder.mkdir(parents=True, exist_ok=True)
    packs = {kind: folder / f"{kind}.pack" for kind in KINDS}
    for kind, pack in packs.items():
        if not pack.exists():
            source = arguments.pack if kind == "none" else packs["none"]
            run([mien, "data", "occlude", str(source), "-o", str(pack), "--kind", kind, "--seed", "7"])
    rows = []
    for model in arguments.models:
        for kind, pack in packs.items():
            judged = json.loads(run([mien, "eval", str(model), "--data", str(pack), "--split", "test", "--report", "none", "--json"]))
            judged["command"] = f"mien eval {model.name} --data {pack.name} --split test --json"
            rows.append({"model": model.stem, "kind": kind, **{name: judged[name] for name in FIGURES}})
            print(f"{model.stem}, {KINDS[kind]}: {accuracy_of(judged)}", file=sys.stderr)
    evaluated = {row["model"] for row in rows}
    kept = [row for row in read_rows(arguments.out) if row["model"] not in evaluated] if arguments.out.exists() else []
    arguments.out.write_text("".join(json.dumps(row) + "\n" for row in kept + rows))


if __name__ == "__main__":
    main()
