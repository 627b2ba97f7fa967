#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/dan_probe.py against the golden file of DAN, and its measures on hand-worked values; 77 without PyTorch."""
import json
import math
import struct
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
try:
    import numpy as np
    import torch
    import dan_probe
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)

GOLDEN = ROOT / "tests/golden/dan.safetensors"
D, HEADS = 512, 4


def fnv1a(text):
    h = 0xCBF29CE484222325
    for byte in text.encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    return h


def formula(salt, key, shape):
    """The golden files' weights, from the key alone (tests/golden)."""
    count = int(np.prod(shape))
    with np.errstate(over="ignore"):
        z = np.uint64(fnv1a(f"{salt}:{key}")) + np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    u = ((z >> np.uint64(40)).astype(np.float32) / np.float32(2**24)).reshape(shape)
    last = key.rsplit(".", 1)[1]
    if last == "running_var" or (len(shape) == 1 and last == "weight"):
        value = 0.5 + u
    elif last in ("running_mean", "bias"):
        value = 0.2 * (u - 0.5)
    else:
        value = (2 * u - 1) * math.sqrt(3 / (count / shape[0]))
    return torch.from_numpy(value.astype(np.float32))


def shapes():
    """Keys and shapes of the published network (card 2)."""
    def norm(key, channels):
        return {f"{key}.{name}": (channels,) for name in ("weight", "bias", "running_mean", "running_var")}
    out = {"features.0.weight": (64, 3, 7, 7), **norm("features.1", 64)}
    channels = 64
    for layer, width in zip(range(4, 8), (64, 128, 256, 512)):
        for block in range(2):
            key = f"features.{layer}.{block}"
            source = channels if block == 0 else width
            out |= {f"{key}.conv1.weight": (width, source, 3, 3), **norm(f"{key}.bn1", width)}
            out |= {f"{key}.conv2.weight": (width, width, 3, 3), **norm(f"{key}.bn2", width)}
            if source != width:
                out |= {f"{key}.downsample.0.weight": (width, source, 1, 1), **norm(f"{key}.downsample.1", width)}
        channels = width
    for i in range(HEADS):
        for name, a, b, kernel in (("conv1x1", D, 256, (1, 1)), ("conv_3x3", 256, D, (3, 3)), ("conv_1x3", 256, D, (1, 3)), ("conv_3x1", 256, D, (3, 1))):
            key = f"cat_head{i}.sa.{name}"
            out |= {f"{key}.0.weight": (b, a, *kernel), f"{key}.0.bias": (b,), **norm(f"{key}.1", b)}
        key = f"cat_head{i}.ca.attention"
        out |= {f"{key}.0.weight": (32, D), f"{key}.0.bias": (32,), **norm(f"{key}.1", 32), f"{key}.3.weight": (D, 32), f"{key}.3.bias": (D,)}
    return out


class Probe(unittest.TestCase):
    @torch.no_grad()
    def test_the_network_equals_the_golden_file(self):
        golden = dan_probe.read_tensors(GOLDEN)
        tensors = {key: formula(salt_of(GOLDEN), key, shape) for key, shape in shapes().items()}
        trained, training = dan_probe.Dan(tensors, False), dan_probe.Dan(tensors, True)
        features = trained.features(golden["input"])
        self.assertLess(relative(features, golden["eval.features"]), 1e-4)
        self.assertLess(relative(trained.attention(features), golden["eval.heads"]), 1e-4)
        variance = dan_probe.head_variance(training.attention(training.features(golden["input"])))
        self.assertAlmostEqual(math.log(1 + HEADS / variance) / golden["train.loss.partition"].item(), 1, delta=1e-3)

    def test_variance_across_heads(self):
        # Card 9, fusion and partition: v = 0.301737.
        attention = torch.tensor([[[-0.693147, -0.287682], [-0.693147, -1.386294]]])
        self.assertAlmostEqual(dan_probe.head_variance(attention), 0.301737, places=5)

    def test_scatter(self):
        # Class means (1,0) and (5,0): within 1, between 4.
        features = torch.tensor([[0.0, 0.0], [2.0, 0.0], [4.0, 0.0], [6.0, 0.0]])
        self.assertAlmostEqual(dan_probe.class_scatter(features, torch.tensor([1, 1, 4, 4])), 0.25, places=6)


def salt_of(path):
    data = path.read_bytes()
    size, = struct.unpack_from("<Q", data)
    return json.loads(data[8:8 + size])["__metadata__"]["salt"]


def relative(a, b):
    return ((a - b).norm() / b.norm()).item()


if __name__ == "__main__":
    unittest.main()
