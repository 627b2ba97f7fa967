#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_face_boxes.py PICTURE FOLDER: pictures of 240 x 180 pixels cut from the sample portrait, with a list of boxes: 12 for training and
6 for validation. Every sixth picture has no face and every fourth has two; the others have one, in changing places."""
import sys
from pathlib import Path

from PIL import Image, ImageOps

SIZE = (240, 180)
FACE = (178, 70, 274, 180)  # of the portrait
CLASSES = ["Angry", "Disgust", "Fear", "Happy", "Neutral", "Sad", "Surprise"]


def picture(portrait, number):
    """The picture and its boxes: corners and class."""
    if number % 6 == 5:
        return portrait.crop((0, 330, *(a + b for a, b in zip((0, 330), SIZE)))), []
    x, y = 60 + 7 * (number % 8), 10 + 5 * (number % 5)
    image = portrait.crop((x, y, x + SIZE[0], y + SIZE[1]))
    left, top, right, bottom = (v - d for v, d in zip(FACE, (x, y, x, y)))
    boxes = [(left, top, right, min(bottom, SIZE[1]), number % 7)]
    if number % 4 == 3:  # a second, smaller face
        small = portrait.crop(FACE).resize((48, 55))
        image.paste(small, (0, 4))
        boxes.append((0, 4, 48, 59, (number + 2) % 7))
    if number % 2:
        image = ImageOps.mirror(image)
        boxes = [(SIZE[0] - r, t, SIZE[0] - l, b, c) for l, t, r, b, c in boxes]
    return image, boxes


def main():
    portrait, folder = Image.open(sys.argv[1]).convert("L"), Path(sys.argv[2])
    (folder / "pictures").mkdir(parents=True)
    lines = {"train": [], "val": []}
    for number in range(18):
        image, boxes = picture(portrait, number)
        name = f"pictures/f{number:02}.png"
        image.save(folder / name)
        lines["train" if number < 12 else "val"].append(" ".join([name] + [",".join(map(str, box)) for box in boxes]))
    for part, text in lines.items():
        (folder / f"{part}.txt").write_text("\n".join(text) + "\n")
    (folder / "classes.txt").write_text("\n".join(CLASSES))


if __name__ == "__main__":
    main()
