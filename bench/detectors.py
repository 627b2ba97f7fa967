#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the face detectors against each other: found, missed, false, ms per picture.

bench/detectors.py --mien build/release/bin/mien --data ../shared/data

Portraits: facial-expressions.zip, one face per picture (a few have people in the background). Groups: six photos of
@vladmandic/face-api (tools/fetch_assets.py samples), 22 faces marked by eye, also shrunk and inside a large black canvas.
`--only accuracy`: the share of portraits whose expression is as their label says, with each of these detectors; the largest face counts, a
picture without a face is wrong. `--only turned`: 120 portraits, turned in their plane; a face is right if the line between its eyes is turned by
the same angle, to 20 degrees. `--only beside`: 60 pictures of 900 × 700 pixels, each with one large face and a small one beside it: what a look at
few pixels would miss. Needs Pillow, and a model for predict (any: $MIEN_MODEL). Prints a Markdown table.
"""
import argparse
import csv
import io
import json
import math
import os
import random
import statistics
import subprocess
import tempfile
import zipfile
from pathlib import Path

from PIL import Image, ImageFilter

# Face centres and longer box sides in pixels of the stored pictures.
GROUPS = {
    "sample1.jpg": [[508, 480, 218], [930, 551, 219], [1578, 324, 195]],
    "sample2.jpg": [[1543, 281, 207], [990, 354, 211], [450, 294, 282]],
    "sample3.jpg": [[1590, 429, 286], [1194, 357, 310], [690, 465, 261]],
    "sample4.jpg": [[749, 191, 238], [1074, 311, 232], [1361, 276, 242], [341, 324, 236]],
    "sample5.jpg": [[868, 225, 217], [473, 1028, 307], [1507, 537, 270], [1195, 321, 221], [689, 548, 246]],
    "sample6.jpg": [[365, 630, 277], [773, 485, 305], [1591, 413, 304], [1277, 449, 275]],
}
DETECTORS = {
    "adaptive, at most 640": ["--detector", "adaptive", "--detail", "640"],
    "adaptive": ["--detector", "adaptive"],
    "BlazeFace short": ["--detector", "blazeface-short"],
    "BlazeFace full": ["--detector", "blazeface-full"],
    "BlazeFace short + full, tiles 640": ["--detector", "blazeface"],
    "YuNet, at most 640": ["--detector", "yunet", "--detail", "640"],
    "YuNet, at most 1280": ["--detector", "yunet"],
    "CenterFace, at most 640": ["--detector", "centerface", "--detail", "640"],
    "CenterFace, at most 960": ["--detector", "centerface"],
    "CenterFace, at most 1280": ["--detector", "centerface", "--detail", "1280"],
}


def predict(mien, pictures, words):
    command = [mien, "predict", *map(str, pictures), "--format", "json", "--threads", "1", *words]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode not in (0, 3):
        raise SystemExit(done.stderr)
    return json.loads(done.stdout)


def portraits(mien, folder, words):
    result = predict(mien, [folder], words)
    counts = [len(image["faces"]) for image in result["images"]]
    n = len(counts)
    missed, more = counts.count(0), sum(c > 1 for c in counts)
    return f"{n - missed} | {missed} ({100 * missed / n:.2f} %) | {more} ({100 * more / n:.2f} %) | {result['timing_ms']['detect'] / n:.1f}"


def right_answers(mien, folder, labels, detector):
    """Per labelled portrait 1 or 0."""
    right = {}
    for image in predict(mien, [folder], ["--detector", detector])["images"]:
        name = Path(image["path"]).name
        largest = max(image["faces"], key=lambda f: f["box"][2] * f["box"][3], default={})
        if name in labels:
            right[name] = int(largest.get("expression") == labels[name])
    return right


def accuracy(mien, folder, labels):
    right = {name: right_answers(mien, folder, labels, name) for name in ("centerface", "adaptive", "yunet")}
    print("| detector | labelled portraits | as labelled | minus centerface, paired |\n| --- | --- | --- | --- |")
    for name, answers in right.items():
        differences = [100 * (answers[picture] - right["centerface"][picture]) for picture in answers]
        mean, half = statistics.mean(differences), 1.96 * statistics.stdev(differences) / math.sqrt(len(differences))
        print(f"| {name} | {len(answers)} | {100 * statistics.mean(answers.values()):.1f} % | {mean:+.1f} [{mean - half:.1f}, {mean + half:.1f}] |", flush=True)


def groups(mien, folder, words, scale, shift):
    names = sorted(GROUPS)
    result = predict(mien, [folder / name for name in names], words)
    found = false = 0
    for name, image in zip(names, result["images"]):
        left = [(x * scale + shift, y * scale + shift, s * scale) for x, y, s in GROUPS[name]]
        for face in image["faces"]:
            x, y, w, h = face["box"]
            hit = next((t for t in left if abs(x + w / 2 - t[0]) < t[2] / 2 and abs(y + h / 2 - t[1]) < t[2] / 2), None)
            if hit:
                left.remove(hit)
                found += 1
            else:
                false += 1
    total = sum(map(len, GROUPS.values()))
    return f"{found} | {total - found} | {false} | {result['timing_ms']['detect'] / len(names):.1f}"


def turned(mien, source, scratch):
    names = random.Random(1).sample(sorted(p.name for p in source.iterdir()), 120)
    print("| detector | turned by, degrees | found | eyes turned as the face | detection, ms per picture, one thread |\n| --- | --- | --- | --- | --- |")
    for angle in (0, 20, 30, 45, 60, 90, 135, 180, 270):
        folder = scratch / f"turned{angle}"
        folder.mkdir()
        for name in names:
            picture = Image.open(source / name).convert("RGB")
            picture.rotate(angle, expand=True, resample=Image.BICUBIC, fillcolor=(110, 110, 110)).save(folder / f"{name}.png")
        for detector in ("adaptive", "centerface", "yunet"):
            result = predict(mien, [folder], ["--detector", detector])
            best = [max(image["faces"], key=lambda f: f["detection_score"]) for image in result["images"] if image["faces"]]
            right = sum(abs((roll(face) + angle + 180) % 360 - 180) <= 20 for face in best)
            print(f"| {detector} | {angle} | {len(best)} | {right} | {result['timing_ms']['detect'] / len(names):.1f} |", flush=True)


def beside(mien, source, scratch):
    names = random.Random(5).sample(sorted(p.name for p in source.iterdir()), 120)
    print("| detector | small face about, px | large face found | small face found | detection, ms per picture, one thread |\n| --- | --- | --- | --- | --- |")
    for pixels in (20, 30, 40, 60):
        folder = scratch / f"beside{pixels}"
        folder.mkdir()
        for i, (large, small) in enumerate(zip(names[:60], names[60:])):
            first, second = (Image.open(source / name).convert("RGB") for name in (large, small))
            picture = first.resize((900, 700)).filter(ImageFilter.GaussianBlur(40))
            picture.paste(first.resize((420, 420)), (60, 250))
            side = round(pixels / 0.6)  # a face takes about 0.6 of a portrait
            picture.paste(second.resize((side, side), Image.LANCZOS), (640, 100))
            picture.save(folder / f"{i:03d}.png", compress_level=1)
        for detector in ("adaptive", "yunet", "centerface"):
            result = predict(mien, [folder], ["--detector", detector])
            sides = [[face["box"][0] > 580 for face in image["faces"]] for image in result["images"]]
            print(f"| {detector} | {pixels} | {sum(False in s for s in sides)} | {sum(True in s for s in sides)} | "
                  f"{result['timing_ms']['detect'] / len(sides):.1f} |", flush=True)


def roll(face):
    (x0, y0), (x1, y1) = face["landmarks"][:2]
    return math.degrees(math.atan2(y1 - y0, x1 - x0))


def variant(source, folder, scale, canvas):
    """The group photos shrunk by `scale`; with a canvas, in the corner of a black picture that many pixels wide."""
    folder.mkdir()
    for name in GROUPS:
        picture = Image.open(source / name).convert("RGB")
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.LANCZOS)
        if canvas:
            wide = Image.new("RGB", (canvas, canvas * 3 // 4))
            wide.paste(picture, (200, 200))
            picture = wide
        picture.save(folder / name, quality=95)
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mien", default="build/release/bin/mien")
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--only", choices=["portraits", "groups", "accuracy", "turned", "beside"])
    parser.add_argument("--rows", default=";".join(DETECTORS), help="of the first tables, separated by semicolons")
    parser.add_argument("--samples", default=str(Path(os.environ.get("MIEN_HOME", Path.home() / ".local/share/mien")) / "samples"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        with zipfile.ZipFile(Path(arguments.data) / "facial-expressions.zip") as archive:
            archive.extractall(scratch, [n for n in archive.namelist() if n.startswith("images/")])
            legend = list(csv.DictReader(io.TextIOWrapper(archive.open("data/legend.csv"))))
        if arguments.only == "accuracy":
            accuracy(arguments.mien, scratch / "images", {row["image"]: row["emotion"].lower() for row in legend})
            return
        if arguments.only == "turned":
            turned(arguments.mien, scratch / "images", scratch)
            return
        if arguments.only == "beside":
            beside(arguments.mien, scratch / "images", scratch)
            return
        sets = {
            "1920 px wide": (variant(Path(arguments.samples), scratch / "full", 1, 0), 1, 0),
            "480 px wide (faces about 50 px)": (variant(Path(arguments.samples), scratch / "quarter", 0.25, 0), 0.25, 0),
            "240 px wide (25 px)": (variant(Path(arguments.samples), scratch / "eighth", 0.125, 0), 0.125, 0),
            "half size in a 4000 px canvas (100 px)": (variant(Path(arguments.samples), scratch / "canvas", 0.5, 4000), 0.5, 200),
        }
        print("| detector | pictures | found | missed | false or further | detection, ms per picture, one thread |")
        print("| --- | --- | --- | --- | --- | --- |")
        rows = {name: DETECTORS[name] for name in arguments.rows.split(";")}
        for name, words in list(rows.items())[:8] if arguments.only != "groups" else ():  # portraits are 350 px wide
            print(f"| {name} | portraits, 2,525 | {portraits(arguments.mien, scratch / 'images', words)} |", flush=True)
        for title, (folder, scale, shift) in sets.items() if arguments.only != "portraits" else ():
            for name, words in rows.items():
                print(f"| {name} | groups, {title} | {groups(arguments.mien, folder, words, scale, shift)} |", flush=True)


if __name__ == "__main__":
    main()
