#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Recognition end to end on the muxspace portraits, by crop rule: detector, alignment, network.

bench/crop_rules.py --mien build/release/bin/mien --data ../shared/data [--model FILE] [--rules card card:0.9 box eyes]

Rules: card = the geometry in the model's card (measured on FER+, docs/results/crop-rule.md); card:0.9 and card:1.1 the
same with the cut square made smaller or larger; box = square about the detector's box, not turned; eyes = aligned by the
eyes alone. Labels: legend.csv, case folded, the first row of a repeated name counts. A picture's prediction is that of
its main face; a picture without a found face counts as wrong in "all" and is left out in "found". Standard library only.
Prints a Markdown table.
"""
import argparse
import csv
import io
import json
import math
import subprocess
import tempfile
import zipfile
from collections import Counter
from pathlib import Path

ALIASES = {"sad": "sadness", "happy": "happiness", "angry": "anger"}


def read_labels(archive):
    labels = {}
    for row in csv.DictReader(io.StringIO(archive.read("data/legend.csv").decode())):
        label = row["emotion"].strip().lower()
        labels.setdefault(row["image"], ALIASES.get(label, label))
    return labels


def main_face(faces):
    """As vision::main_face: the largest box among those with at least half the best score."""
    best = max(f["detection_score"] for f in faces)
    return max((f for f in faces if f["detection_score"] >= best / 2), key=lambda f: f["box"][2] * f["box"][3])


def interval(right, n):
    """Wilson's, 95 %."""
    if n == 0:
        return 0, 0
    z, p = 1.96, right / n
    centre, half = p + z * z / (2 * n), z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return (centre - half) / (1 + z * z / n), (centre + half) / (1 + z * z / n)


def judge(images, labels):
    right, total, missed = Counter(), Counter(), 0
    for image in images:
        label = labels.get(Path(image["path"]).name)
        if label is None:
            continue
        total[label] += 1
        if not image["faces"]:
            missed += 1
        elif main_face(image["faces"])["expression"] == label:
            right[label] += 1
    n, hits = sum(total.values()), sum(right.values())
    low, high = interval(hits, n)
    recall = sum(right[k] / total[k] for k in total) / len(total)
    return (f"{n} | {missed} | {100 * hits / n:.2f} % [{100 * low:.2f}, {100 * high:.2f}] | {100 * hits / max(1, n - missed):.2f} % | "
            f"{recall:.3f}"), {k: f"{right[k]}/{total[k]}" for k in sorted(total)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mien", default="build/release/bin/mien")
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--model")
    parser.add_argument("--rules", nargs="+", default=["card", "card:0.9", "card:1.1", "box", "box:1.2", "eyes"])
    parser.add_argument("--detector", default="centerface")
    parser.add_argument("--flip", action="store_true")
    arguments = parser.parse_args()
    options = ["--format", "json", "--detector", arguments.detector] + (["--flip"] if arguments.flip else [])
    options += ["--model", arguments.model] if arguments.model else []
    with tempfile.TemporaryDirectory() as scratch:
        with zipfile.ZipFile(Path(arguments.data) / "facial-expressions.zip") as archive:
            labels = read_labels(archive)
            archive.extractall(scratch, [n for n in archive.namelist() if n.startswith("images/")])
        print("| crop rule | pictures | without a face | accuracy, all [95 %] | accuracy, found | mean recall |")
        print("| --- | --- | --- | --- | --- | --- |")
        details = {}
        for rule in arguments.rules:
            command = [arguments.mien, "predict", f"{scratch}/images", "--crop-rule", rule, *options]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                raise SystemExit(done.stderr or done.stdout)
            row, details[rule] = judge(json.loads(done.stdout)["images"], labels)
            print(f"| {rule} | {row} |", flush=True)
        print()
        for rule, by_class in details.items():
            print(f"- {rule}, right by class: {', '.join(f'{k} {v}' for k, v in by_class.items())}")


if __name__ == "__main__":
    main()
