#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""make_yolox.py FILE [VALUE]: a safetensors file with the names and shapes of YOLOX-s with 80 classes: 462 entries, all 0.01 or VALUE."""
import json
import struct
import sys

import numpy

entries = {}


def conv(name, channels_in, channels_out, kernel):
    entries[f"{name}.conv.weight"] = [channels_out, channels_in, kernel, kernel]
    for part in ("weight", "bias", "running_mean", "running_var"):
        entries[f"{name}.bn.{part}"] = [channels_out]
    entries[f"{name}.bn.num_batches_tracked"] = []


def csp(name, channels_in, channels_out, blocks):
    half = channels_out // 2
    conv(f"{name}.conv1", channels_in, half, 1)
    conv(f"{name}.conv2", channels_in, half, 1)
    conv(f"{name}.conv3", 2 * half, channels_out, 1)
    for i in range(blocks):
        conv(f"{name}.m.{i}.conv1", half, half, 1)
        conv(f"{name}.m.{i}.conv2", half, half, 3)


def yolox():
    dark = "backbone.backbone."
    conv(dark + "stem.conv", 12, 32, 3)
    for stage, channels, blocks in ((2, 64, 1), (3, 128, 3), (4, 256, 3)):
        conv(f"{dark}dark{stage}.0", channels // 2, channels, 3)
        csp(f"{dark}dark{stage}.1", channels, channels, blocks)
    conv(dark + "dark5.0", 256, 512, 3)
    conv(dark + "dark5.1.conv1", 512, 256, 1)
    conv(dark + "dark5.1.conv2", 1024, 512, 1)
    csp(dark + "dark5.2", 512, 512, 1)
    conv("backbone.lateral_conv0", 512, 256, 1)
    csp("backbone.C3_p4", 512, 256, 1)
    conv("backbone.reduce_conv1", 256, 128, 1)
    csp("backbone.C3_p3", 256, 128, 1)
    conv("backbone.bu_conv2", 128, 128, 3)
    csp("backbone.C3_n3", 256, 256, 1)
    conv("backbone.bu_conv1", 256, 256, 3)
    csp("backbone.C3_n4", 512, 512, 1)
    for level, channels in enumerate((128, 256, 512)):
        conv(f"head.stems.{level}", channels, 128, 1)
        for branch in ("cls_convs", "reg_convs"):
            for i in range(2):
                conv(f"head.{branch}.{level}.{i}", 128, 128, 3)
        for branch, outputs in (("cls_preds", 80), ("reg_preds", 4), ("obj_preds", 1)):
            entries[f"head.{branch}.{level}.weight"] = [outputs, 128, 1, 1]
            entries[f"head.{branch}.{level}.bias"] = [outputs]


def main():
    yolox()
    value = float(sys.argv[2]) if len(sys.argv) > 2 else 0.01
    assert len(entries) == 462, len(entries)
    header, body = {}, []
    end = 0
    for name, shape in entries.items():
        whole = name.endswith("num_batches_tracked")
        data = numpy.full(shape, 1 if whole else value, numpy.int64 if whole else numpy.float32).tobytes()
        header[name] = {"dtype": "I64" if whole else "F32", "shape": shape, "data_offsets": [end, end + len(data)]}
        body.append(data)
        end += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(sys.argv[1], "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(body))


if __name__ == "__main__":
    main()
