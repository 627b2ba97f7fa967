#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A model that finds faces and names their expressions in one pass against detector + classifier, on the scenes of a pack (mien data scenes).

  bench/scenes.py BIN SCENES.pack --model BOXES.onnx [--classifier NAME] [--detector NAME] [--pictures N] [--out FOLDER]
                  [--groups FOLDER] [--portraits facial-expressions.zip] [--number N]

The pictures of the test part are written as PNG files, and `mien predict --json` answers for each of them, once with the model alone and once
with detector and classifier, one thread each. A face is found when a box overlaps its box by 0.5 or more (IoU, best pairs first). The score limit
of the model is the one with the best F1 of found faces on the validation part. Printed per system: faces found, of these rightly named, of all
faces found and rightly named, false faces, milliseconds per picture (network times as predict reports them). Beside them the same boxes of the
model, all with the commonest class.

--groups: the six group photos of bench/detectors.py (tools/fetch_assets.py samples), 22 faces marked by eye, without expressions; a box
belongs to a face when its centre lies in the inner half. --portraits: muxspace's pictures, one labelled face each: the best box counts, every
further one is a false face. --number: so many of them, drawn evenly. Both use the same score limit."""
import argparse
import collections
import json
import random
import struct
import subprocess
import sys
from pathlib import Path

import numpy
from PIL import Image

from detectors import GROUPS
from peer_sets import muxspace

SPLITS = {"valid": 1, "test": 2}


def read_pack(path):
    """Pixels (N, H, W, C), rows (split, boxes [(x, y, w, h, class)]) and the header of a pack of version 2 (docs/formats.md)."""
    data = Path(path).read_bytes()
    _, version, width, height, channels, count, index, _, header, header_bytes = struct.unpack_from("<8sIIIIQQQQQ", data)
    if version != 2:
        sys.exit(f"{path}: a pack of version {version} has no boxes.")
    pixels = numpy.frombuffer(data, numpy.uint8, count * width * height * channels, 96).reshape(count, height, width, channels)
    rows = []
    for _ in range(count):
        split = data[index]
        index += 3 + 10 + 8 * 4
        for _ in range(2):  # source, subject
            index += 4 + struct.unpack_from("<I", data, index)[0]
        fields, = struct.unpack_from("<H", data, index)
        index += 2
        if fields & ~16:
            sys.exit(f"{path}: holds more than boxes; this script reads the packs of 'mien data scenes'.")
        number, = struct.unpack_from("<I", data, index)
        rows.append((split, [struct.unpack_from("<ffffb", data, index + 4 + 17 * i) for i in range(number)]))
        index += 4 + 17 * number
    return pixels, rows, json.loads(data[header:header + header_bytes])


def write_pictures(pixels, rows, split, most, folder):
    folder.mkdir(parents=True, exist_ok=True)
    truth = {}
    for i, (part, boxes) in enumerate(rows):
        if part != SPLITS[split] or len(truth) == most:
            continue
        name = f"{i:06}.png"
        picture = pixels[i, :, :, 0] if pixels.shape[3] == 1 else pixels[i]
        Image.fromarray(picture).save(folder / name)
        truth[name] = boxes
    return truth


def predict(binary, folder, options):
    run = subprocess.run([binary, "predict", str(folder), "--json", "--threads", "1", *options], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return json.loads(run.stdout)


def iou(a, b):
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(width, 0) * max(height, 0)
    return shared / (a[2] * a[3] + b[2] * b[3] - shared)


def pairs(found, faces):
    """[(index of face in the truth, index of found box)], the best overlaps first, each used once."""
    candidates = sorted(((iou(f["box"], face), j, i) for i, f in enumerate(found) for j, face in enumerate(faces)), reverse=True)
    used_faces, used_boxes, out = set(), set(), []
    for overlap, face, box in candidates:
        if overlap < 0.5 or face in used_faces or box in used_boxes:
            continue
        used_faces.add(face)
        used_boxes.add(box)
        out.append((face, box))
    return out


def judge(answer, truth, classes, limit=0.0, always=None):
    """Counts over all pictures; `always`: the class that every box gets in place of its own."""
    counts = collections.Counter()
    for image in answer["images"]:
        faces = truth[Path(image["path"]).name]
        found = [f for f in image["faces"] if f["detection_score"] >= limit]
        matched = pairs(found, faces)
        counts["faces"] += len(faces)
        counts["found"] += len(matched)
        counts["false"] += len(found) - len(matched)
        counts["right"] += sum((always or found[box]["expression"]) == classes[faces[face][4]] for face, box in matched)
    return counts


def best_limit(answer, truth, classes):
    def f1(limit):
        counts = judge(answer, truth, classes, limit)
        return 2 * counts["found"] / max(1, counts["faces"] + counts["found"] + counts["false"])
    return max((limit / 100 for limit in range(2, 80, 2)), key=f1)


def row(name, counts, milliseconds):
    found, faces = max(1, counts["found"]), counts["faces"]
    return (f"| {name} | {100 * counts['found'] / faces:.1f} | {faces - counts['found']} | {counts['false']} | {100 * counts['right'] / found:.1f} "
            f"| {100 * counts['right'] / faces:.1f} | {milliseconds:.1f} |")


def milliseconds(answer):
    times = answer["timing_ms"]
    return (sum(times.get(stage, 0) for stage in ("detect", "landmarks", "crop", "network", "post"))) / max(1, len(answer["images"]))


def judge_groups(answer, limit):
    """Faces of the group photos by the centres that were marked; nothing is known of their expressions."""
    counts = collections.Counter()
    for image in answer["images"]:
        left = list(GROUPS[Path(image["path"]).name])
        counts["faces"] += len(left)
        for face in image["faces"]:
            x, y, width, height = face["box"]
            hit = next((t for t in left if abs(x + width / 2 - t[0]) < t[2] / 2 and abs(y + height / 2 - t[1]) < t[2] / 2), None)
            if face["detection_score"] < limit:
                continue
            counts["found" if hit else "false"] += 1
            if hit:
                left.remove(hit)
    return counts


def judge_portraits(answer, labels, limit):
    counts = collections.Counter(faces=len(answer["images"]))
    for image in answer["images"]:
        found = [f for f in image["faces"] if f["detection_score"] >= limit]
        counts["found"] += bool(found)
        counts["false"] += max(0, len(found) - 1)
        counts["right"] += bool(found) and found[0]["expression"] == labels[Path(image["path"]).name]
    return counts


def groups_table(systems, binary, folder, out):
    out.mkdir(parents=True, exist_ok=True)
    for name in GROUPS:
        Image.open(folder / name).convert("RGB").save(out / name, quality=95)
    print("\n22 faces of six group photos\n\n| system | faces found | missed | false | ms per picture |\n|---|---|---|---|---|")
    for name, options, limit in systems:
        answer = predict(binary, out, options)
        counts = judge_groups(answer, limit)
        print(f"| {name} | {counts['found']} | {counts['faces'] - counts['found']} | {counts['false']} | {milliseconds(answer):.1f} |")


def portraits_table(systems, binary, archive, number, classes, out):
    out.mkdir(parents=True, exist_ok=True)
    labels, pictures = muxspace(archive, classes, number, random.Random(7))
    by_name = {}
    for i, (label, picture) in enumerate(zip(labels, pictures)):
        picture.save(out / f"{i:05}.png")
        by_name[f"{i:05}.png"] = label
    print(f"\n{len(labels)} portraits of muxspace\n")
    print("| system | faces found % | missed | false | found faces rightly named % | all faces found and rightly named % | ms per picture |")
    print("|---|---|---|---|---|---|---|")
    for name, options, limit in systems:
        answer = predict(binary, out, options)
        print(row(name, judge_portraits(answer, by_name, limit), milliseconds(answer)))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("pack")
    parser.add_argument("--model", required=True)
    parser.add_argument("--classifier", default="dan-ferplus")
    parser.add_argument("--detector", default="adaptive")
    parser.add_argument("--pictures", type=int, default=100000)
    parser.add_argument("--out", type=Path, default=Path("scenes-pictures"))
    parser.add_argument("--groups", type=Path)
    parser.add_argument("--portraits", type=Path)
    parser.add_argument("--number", type=int, default=0)
    a = parser.parse_args()
    pixels, rows, info = read_pack(a.pack)
    classes = info["classes"]
    truth = {split: write_pictures(pixels, rows, split, a.pictures, a.out / split) for split in SPLITS}
    low = ["--model", a.model, "--min-score", "0.02"]
    limit = best_limit(predict(a.binary, a.out / "valid", low), truth["valid"], classes)
    one_pass = predict(a.binary, a.out / "test", low)
    other = ["--model", a.classifier, "--detector", a.detector]
    two_steps = predict(a.binary, a.out / "test", other)
    commonest = collections.Counter(classes[box[4]] for part, boxes in rows if part == 0 for box in boxes).most_common(1)[0][0]
    print(f"{len(truth['test'])} scenes, score limit of the model {limit:.2f} (best F1 of found faces on the validation part)\n")
    print("| system | faces found % | missed | false | found faces rightly named % | all faces found and rightly named % | ms per scene |")
    print("|---|---|---|---|---|---|---|")
    print(row(Path(a.model).stem, judge(one_pass, truth["test"], classes, limit), milliseconds(one_pass)))
    print(row(f"its boxes, all {commonest}", judge(one_pass, truth["test"], classes, limit, commonest), milliseconds(one_pass)))
    print(row(f"{a.detector} + {Path(a.classifier).stem}", judge(two_steps, truth["test"], classes), milliseconds(two_steps)))
    systems = [(Path(a.model).stem, low, limit), (f"{a.detector} + {Path(a.classifier).stem}", other, 0)]
    if a.groups:
        groups_table(systems, a.binary, a.groups, a.out / "groups")
    if a.portraits:
        portraits_table(systems, a.binary, a.portraits, a.number, classes, a.out / "portraits")


if __name__ == "__main__":
    main()
