#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures the positions of eyes, nose and mouth in the pictures of FER+, which are face crops.

bench/crop_geometry.py --mien build/release/bin/mien --data ../shared/data

Draws pictures of the training part (fixed seed), enlarges each fourfold on a black canvas of twice its side, lets
`mien predict` find the face and its landmarks (face mesh), and gives medians as fractions of the picture's side.
They are the defaults of face::CropRule. Needs numpy and Pillow. Prints Markdown tables.
"""
import argparse
import io
import json
import random
import subprocess
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

POINTS = ["left eye", "right eye", "nose tip", "left mouth corner", "right mouth corner", "mouth centre"]
SIDE = 192  # pixels of the enlarged picture


def write_samples(archive, names, folder):
    for i, name in enumerate(names):
        picture = Image.open(io.BytesIO(archive.read(name))).convert("L").resize((SIDE, SIDE), Image.BICUBIC)
        canvas = Image.new("L", (2 * SIDE, 2 * SIDE))
        canvas.paste(picture, (SIDE // 2, SIDE // 2))
        canvas.save(folder / f"{i:05d}.png")


def landmarks(mien, folder, detector):
    """(N, 6, 2) fractions of the side, of the pictures with exactly one face; the number of pictures without."""
    command = [mien, "predict", str(folder), "--format", "json", "--detector", detector]
    result = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    faces = [image["faces"] for image in result["images"]]
    points = np.array([f[0]["landmarks"] for f in faces if len(f) == 1])
    points = (points - SIDE / 2) / SIDE
    return np.concatenate([points, points[:, 3:5].mean(1, keepdims=True)], axis=1), sum(not f for f in faces)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mien", default="build/release/bin/mien")
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--number", type=int, default=2000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, zipfile.ZipFile(Path(arguments.data) / "ferplus.zip") as archive:
        names = sorted(n for n in archive.namelist() if "FER2013Train/" in n and n.endswith(".png") and "._" not in n)
        names = random.Random(0).sample(names, arguments.number)
        write_samples(archive, names, Path(scratch))
        for detector in ("blazeface-short", "centerface"):
            points, missed = landmarks(arguments.mien, scratch, detector)
            median = np.median(points, 0)
            low, high = np.percentile(points, [25, 75], axis=0)
            print(f"\n{detector} + face mesh: {len(points)} of {len(names)} pictures used, {missed} without a face\n")
            print("| point | x median | x quartiles | y median | y quartiles |\n| --- | --- | --- | --- | --- |")
            for k, name in enumerate(POINTS):
                print(f"| {name} | {median[k, 0]:.3f} | {low[k, 0]:.3f} .. {high[k, 0]:.3f} | {median[k, 1]:.3f} | {low[k, 1]:.3f} .. {high[k, 1]:.3f} |")
            apart = np.hypot(*(points[:, 1] - points[:, 0]).T)
            tilt = np.degrees(np.arctan2(points[:, 1, 1] - points[:, 0, 1], points[:, 1, 0] - points[:, 0, 0]))
            print(f"\nEyes apart: median {np.median(apart):.3f} of the side, quartiles {np.percentile(apart, 25):.3f} .. {np.percentile(apart, 75):.3f}; "
                  f"tilt: standard deviation {tilt.std():.1f} degrees.")


if __name__ == "__main__":
    main()
