#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_boxes.py FOLDER: the same small pictures with boxes as a list, as Pascal VOC and as YOLO (FOLDER/list, voc, yolo), 12 for training and
4 for validation, and a list in which every kind of bad box occurs (FOLDER/bad).
make_boxes.py FOLDER PHOTO: 32 small versions of a photo with one face as a list (FOLDER/photos), 24 for training and 8 for validation."""
import sys
from pathlib import Path

import numpy
from PIL import Image

CLASSES = ["Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"]
SIZE = (96, 64)


def picture(number):
    """Noise with a bright square in each box."""
    rng = numpy.random.default_rng(number)
    small = rng.integers(20, 180, (8, 12, 3), dtype=numpy.uint8)
    image = Image.fromarray(small).resize(SIZE, Image.Resampling.BICUBIC)
    for x, y, right, bottom, label in boxes(number):
        image.paste((120 + 19 * label, 230, 90 + 20 * label), (x, y, right, bottom))
    return image


def boxes(number):
    """Corners and class; every sixth picture has none, every third has two."""
    if number % 6 == 5:
        return []
    first = (4 + number, 6, 34 + number, 40, number % 7)
    return [first] + ([(60, 20, 90, 60, (number + 3) % 7)] if number % 3 == 0 else [])


def write_voc(folder, number, name):
    (folder / "Annotations").mkdir(parents=True, exist_ok=True)
    objects = "".join(f"<object><name>{CLASSES[c]}</name><bndbox><xmin>{x}</xmin><ymin>{y}</ymin><xmax>{r}</xmax><ymax>{b}</ymax></bndbox>"
                      "</object>" for x, y, r, b, c in boxes(number))
    (folder / "Annotations" / f"{name}.xml").write_text(f"<annotation><filename>{name}.png</filename>{objects}</annotation>\n")


def write_yolo(path, number):
    width, height = SIZE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{c} {(x + r) / 2 / width} {(y + b) / 2 / height} {(r - x) / width} {(b - y) / height}\n"
                            for x, y, r, b, c in boxes(number)))


def good(root):
    lines = {"train": [], "val": []}
    for folder in ("list/pictures", "voc/JPEGImages", "voc/ImageSets/Main", "yolo/images/train", "yolo/images/val"):
        (root / folder).mkdir(parents=True)
    for number in range(16):
        part, name = "train" if number < 12 else "val", f"p{number:02}"
        image = picture(number)
        for path in (f"list/pictures/{name}.png", f"voc/JPEGImages/{name}.png", f"yolo/images/{part}/{name}.png"):
            image.save(root / path)
        lines[part].append(" ".join([f"pictures/{name}.png"] + [",".join(map(str, box)) for box in boxes(number)]))
        write_voc(root / "voc", number, name)
        write_yolo(root / f"yolo/labels/{part}/{name}.txt", number)
        with open(root / f"voc/ImageSets/Main/{part}.txt", "a") as names:
            names.write(name + "\n")
    for part, text in lines.items():
        (root / "list" / f"{part}.txt").write_text("\n".join(text) + "\n")
    (root / "list/classes.txt").write_text("\n".join(name + " " for name in CLASSES))
    (root / "yolo/data.yaml").write_text(f"train: images/train\nval: images/val\nnames: {CLASSES}\n")


def bad(root):
    folder = root / "bad"
    folder.mkdir()
    for number, name in enumerate("abcdefg"):
        picture(number).save(folder / f"{name}.png")
    many = " ".join(f"{i % 60},0,{i % 60 + 20},30,1" for i in range(500))
    (folder / "list.txt").write_text("a.png 30,8,10,40,3\nb.png 10,8,10,40,3\nc.png 200,8,220,40,3\nd.png 10,8,20,40,17\n"
                                     "e.png 10,8,20,3\nmissing.png 1,2,9,9,3\nf.png -5,8,90,14,2\n" + f"g.png {many}\n")


def photos(root, photo):
    """Crops of the photo around its face, lighter or darker; the face lies in the same place of each crop."""
    folder = root / "photos"
    folder.mkdir()
    lines = {"train": [], "val": []}
    left, top, right, bottom = (round(side * photo.width / 512) for side in (172, 58, 272, 180))  # the face of the sample picture
    for number in range(32):
        margin = (30 + number) * photo.width // 512
        crop = photo.crop((left - margin, top - margin, right + margin, bottom + margin))
        crop.point(lambda value: min(255, value * (80 + number) // 100)).save(folder / f"{number}.png")
        box = (margin, margin, margin + right - left, margin + bottom - top, number % 4)
        lines["train" if number < 24 else "val"].append(f"{number}.png " + ",".join(map(str, box)))
    for part, text in lines.items():
        (folder / f"{part}.txt").write_text("\n".join(text) + "\n")
    (folder / "classes.txt").write_text("\n".join(CLASSES))


def main():
    root = Path(sys.argv[1])
    root.mkdir(exist_ok=True)
    if len(sys.argv) > 2:
        photos(root, Image.open(sys.argv[2]).convert("RGB"))
        return
    good(root)
    bad(root)


if __name__ == "__main__":
    main()
