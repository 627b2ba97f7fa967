#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a small data set in FER+'s layout: FER2013{Train,Valid,Test}/ with 48x48 grey PNGs and label.csv.

The pictures are drawn, one simple face per class (mouth and brows differ), with noise; enough to learn in two epochs.
Usage: make_ferplus.py DIR [pictures per class in training; a third of it in the other parts]
"""
import random
import struct
import sys
import zlib
from pathlib import Path

SIDE = 48
COLUMNS = ("neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt", "unknown", "NF")
# class: curve of the mouth, height of the opening, slope of the brows
LOOKS = {0: (0, 0, 0), 1: (5, 0, 0), 2: (0, 5, -1), 3: (-5, 0, 2), 4: (-2, 0, -4), 5: (3, 2, -4), 6: (-3, 4, 3), 7: (2, 0, 4)}


def png(rows):
    """8-bit grey PNG of rows of bytes."""
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows))) + chunk(b"IEND", b"")


def draw(label, rng):
    curve, opening, slope = LOOKS[label]
    light, noise = rng.randint(130, 200), rng.randint(2, 10)
    dx, dy = rng.randint(-2, 2), rng.randint(-2, 2)
    rows = []
    for y in range(SIDE):
        row = bytearray()
        for x in range(SIDE):
            u, v = x - 24 - dx, y - 24 - dy
            value = light if (u / 20) ** 2 + (v / 23) ** 2 < 1 else 60
            if abs(abs(u) - 9) < 4 and abs(v + 6) < 2:
                value = 30  # eyes
            if abs(abs(u) - 9) < 5 and abs(v + 12 - slope * (abs(u) - 9) / 5) < 1.5:
                value = 40  # brows
            if abs(u) < 10 and abs(v - 12 - curve * (1 - (u / 10) ** 2) + curve / 2) < 1.5 + opening * (1 - (u / 10) ** 2):
                value = 20  # mouth
            row.append(max(0, min(255, value + rng.randint(-noise, noise))))
        rows.append(bytes(row))
    return png(rows)


def main():
    root = Path(sys.argv[1])
    per_class = int(sys.argv[2]) if len(sys.argv) > 2 else 6
    rng = random.Random(0)
    number = 0
    for part, count in (("Train", per_class), ("Valid", max(1, per_class // 3)), ("Test", max(1, per_class // 3))):
        folder = root / f"FER2013{part}"
        folder.mkdir(parents=True, exist_ok=True)
        lines = []
        for label in range(8):
            for _ in range(count):
                name = f"fer{number:07d}.png"
                number += 1
                (folder / name).write_bytes(draw(label, rng))
                votes = [0] * len(COLUMNS)
                votes[label] = 8
                votes[rng.randrange(8)] += 2
                lines.append(f'{name},"(0, 0, 48, 48)",' + ",".join(map(str, votes)))
        (folder / "label.csv").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
