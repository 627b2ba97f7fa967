#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much of the crop a cell of an attention map depends on: map_reach.py MODEL PACK [--pictures 24].

Each square of 6 × 6 input pixels in turn gets brighter by half a standard deviation; what a cell's values change by is its
dependence on that square. Printed per cell: centre of the dependence and its spread (standard deviation), as fractions of the
crop's side, and where the card or an even spread would put the cell. Needs numpy and onnxruntime."""
import argparse
import json
import struct

import numpy as np
import onnxruntime

SQUARE, STEP = 6, 0.5


def pictures(pack, count):
    """`count` pictures spread over the pack: (n, height, width, channels) bytes."""
    head = open(pack, "rb").read(96)
    _, width, height, channels = struct.unpack_from("<4I", head, 8)
    total, = struct.unpack_from("<Q", head, 24)
    pixels = np.memmap(pack, np.uint8, "r", 96, (total, height, width, channels))
    return np.array(pixels[:: max(1, total // count)][:count])


def enlarged(picture, width, height):
    """Bilinear without aligned corners, edges repeated: as mien does it."""
    def taps(source, target):
        at = np.clip((np.arange(target) + 0.5) * source / target - 0.5, 0, source - 1)
        low = at.astype(int)
        return low, np.minimum(low + 1, source - 1), (at - low).astype(np.float32)
    x = picture.astype(np.float32)
    low, high, w = taps(x.shape[0], height)
    x = x[low] + (x[high] - x[low]) * w[:, None, None]
    low, high, w = taps(x.shape[1], width)
    return x[:, low] + (x[:, high] - x[:, low]) * w[None, :, None]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model")
    parser.add_argument("pack")
    parser.add_argument("--pictures", type=int, default=24)
    parser.add_argument("--output", default="head_maps")
    args = parser.parse_args()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(args.model, options)
    card = json.loads(session.get_modelmeta().custom_metadata_map["mien.card"])
    spec, entry = card["input"], next(o for o in card["outputs"] if o["name"] == args.output)
    width, height = spec["width"], spec["height"]
    rows, columns = height // SQUARE, width // SQUARE
    total = 0
    for picture in pictures(args.pack, args.pictures):
        x = (enlarged(picture, width, height) / 255 - np.array(spec["mean"], np.float32)) / np.array(spec["std"], np.float32)
        x = x.transpose(2, 0, 1)[None].astype(np.float32)
        changed = np.repeat(x, rows * columns, 0)
        for i in range(rows * columns):
            y, z = divmod(i, columns)
            changed[i, :, y * SQUARE:(y + 1) * SQUARE, z * SQUARE:(z + 1) * SQUARE] += STEP
        run = lambda batch: session.run([args.output], {"input": batch})[0]
        maps = np.concatenate([run(changed[i:i + 32]) for i in range(0, len(changed), 32)])
        change = np.abs(maps - run(x)).reshape(rows, columns, -1, *maps.shape[-2:]).sum(2)
        total = total + change / change.sum((0, 1))
    total /= total.sum((0, 1))
    cells = entry.get("cells")
    place = lambda i, n, size: (cells["first"] + cells["stride"] * i) / size if cells else (i + 0.5) / n
    at_y, at_x = (np.arange(rows) + 0.5) / rows, (np.arange(columns) + 0.5) / columns
    print(f"{card['name']}, {args.output}, {args.pictures} pictures; cells placed {'as the card says' if cells else 'evenly'}")
    print("| cell (row, column) | placed at y, x | centre of dependence y, x | spread y, x |\n|---|---|---|---|")
    h, w = total.shape[2:]
    for i in range(h):
        for j in range(w):
            by_y, by_x = total[:, :, i, j].sum(1), total[:, :, i, j].sum(0)
            cy, cx = by_y @ at_y, by_x @ at_x
            sy, sx = np.sqrt(by_y @ (at_y - cy) ** 2), np.sqrt(by_x @ (at_x - cx) ** 2)
            print(f"| {i + 1}, {j + 1} | {place(i, h, height):.2f}, {place(j, w, width):.2f} | {cy:.2f}, {cx:.2f} | {sy:.2f}, {sx:.2f} |")


if __name__ == "__main__":
    main()
