#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What DAN's two losses did to a trained network, measured on pictures that it was not trained on:

  bench/dan_probe.py RUN PACK [--split test]

Prints a JSON object (card section 9):
  head_variance   mean over batches of 64 of the variance across heads of log-softmaxed vectors, with batch statistics as in training
  class_scatter   pooled backbone features of the part: mean squared distance to the class mean over the variance of the class means,
                  summed over the channels; the six frequent classes, running statistics

The network is written here a second time, in PyTorch, over the tensors of RUN/best.safetensors; tests/tools/dan_probe_test.py holds it
against the golden file. Needs torch, numpy, Pillow. tools/experiment.py calls it for configs/dan/experiments/small-scale.toml."""
import argparse
import json
import struct
import tomllib
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from peer_sets import read_pack

SPLITS = {"train": 0, "valid": 1, "test": 2}
FREQUENT = ("neutral", "happiness", "sadness", "surprise", "fear", "anger")
TYPES = {"F32": np.float32, "F64": np.float64, "F16": np.float16, "I64": np.int64}
BATCH = 64


def read_tensors(path):
    """{name: float tensor} of a safetensors file."""
    data = Path(path).read_bytes()
    size, = struct.unpack_from("<Q", data)
    tensors = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        if name == "__metadata__":
            continue
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        values = np.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
        tensors[name] = torch.from_numpy(values.astype(np.float32))
    return tensors


class Dan:
    """DAN's forward pass over named tensors; `training`: batch statistics."""

    def __init__(self, tensors, training):
        self.tensors, self.training = tensors, training
        self.heads = sum(f"cat_head{i}.ca.attention.0.weight" in tensors for i in range(8))

    def norm(self, x, key):
        t = self.tensors
        mean, var = (t[f"{key}.running_{name}"].clone() for name in ("mean", "var"))
        return F.batch_norm(x, mean, var, t[f"{key}.weight"], t[f"{key}.bias"], self.training, 0.1, 1e-5)

    def convolve(self, x, key, stride=1):
        """A convolution that keeps the size at stride 1, with its bias where it has one."""
        weight = self.tensors[f"{key}.weight"]
        return F.conv2d(x, weight, self.tensors.get(f"{key}.bias"), stride, (weight.shape[2] // 2, weight.shape[3] // 2))

    def block(self, x, key, stride):
        y = F.relu(self.norm(self.convolve(x, f"{key}.conv1", stride), f"{key}.bn1"))
        y = self.norm(self.convolve(y, f"{key}.conv2"), f"{key}.bn2")
        if f"{key}.downsample.0.weight" in self.tensors:
            x = self.norm(self.convolve(x, f"{key}.downsample.0", stride), f"{key}.downsample.1")
        return F.relu(y + x)

    def features(self, x):
        """(B,D,h,w) of the backbone (card 2.1)."""
        x = F.max_pool2d(F.relu(self.norm(self.convolve(x, "features.0", 2), "features.1")), 3, 2, 1)
        for layer in range(4, 8):
            x = self.block(x, f"features.{layer}.0", 1 if layer == 4 else 2)
            x = self.block(x, f"features.{layer}.1", 1)
        return x

    def head(self, x, key):
        """(B,D) of one attention head (card 2.2)."""
        t = self.tensors
        u = self.norm(self.convolve(x, f"{key}.sa.conv1x1.0"), f"{key}.sa.conv1x1.1")
        branches = [self.norm(self.convolve(u, f"{key}.sa.{name}.0"), f"{key}.sa.{name}.1") for name in ("conv_3x3", "conv_1x3", "conv_3x1")]
        pooled = (x * F.relu(sum(branches)).sum(1, keepdim=True)).mean((2, 3))
        hidden = F.linear(pooled, t[f"{key}.ca.attention.0.weight"], t[f"{key}.ca.attention.0.bias"])
        hidden = F.relu(self.norm(hidden, f"{key}.ca.attention.1"))
        return pooled * torch.sigmoid(F.linear(hidden, t[f"{key}.ca.attention.3.weight"], t[f"{key}.ca.attention.3.bias"]))

    def attention(self, x):
        """A (B,H,D): the heads' vectors after the log-softmax across heads (card 2.3)."""
        return F.log_softmax(torch.stack([self.head(x, f"cat_head{i}") for i in range(self.heads)], 1), 1)


def head_variance(attention):
    """v of card 3: unbiased variance across heads, mean over pictures and channels."""
    return attention.var(1, unbiased=True).mean().item()


def class_scatter(features, labels):
    """Scatter within classes over scatter of the class means; features (N,D), labels (N)."""
    means = torch.stack([features[labels == k].mean(0) for k in labels.unique(sorted=True)])
    index = torch.searchsorted(labels.unique(sorted=True), labels)
    within = (features - means[index]).square().sum(1).mean()
    return (within / means.var(0, unbiased=False).sum()).item()


def pictures_of(path, split, spec):
    """(N,C,S,S) as mien scales and normalises a part's pictures, and their class names; pictures without a label are left out."""
    rows, width, height, channels = read_pack(path)
    chosen = [(label, raw) for part, label, raw in rows if part == SPLITS[split] and label]
    pixels = np.frombuffer(b"".join(raw for _, raw in chosen), np.uint8).reshape(-1, height, width, channels)
    x = torch.from_numpy(pixels.transpose(0, 3, 1, 2).astype(np.float32)) / 255
    mean, std = (torch.tensor(spec[name]).view(1, -1, 1, 1) for name in ("mean", "std"))
    return F.interpolate((x - mean) / std, (spec["size"],) * 2, mode="bilinear", align_corners=False), [label for label, _ in chosen]


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path)
    parser.add_argument("pack", type=Path)
    parser.add_argument("--split", choices=SPLITS, default="test")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    spec = tomllib.loads((arguments.run / "config.toml").read_text())["input"]
    tensors = read_tensors(arguments.run / "best.safetensors")
    x, names = pictures_of(arguments.pack, arguments.split, spec)
    trained, training = Dan(tensors, False), Dan(tensors, True)
    batches = x.split(BATCH)
    features = torch.cat([trained.features(batch).mean((2, 3)) for batch in batches])
    frequent = [i for i, name in enumerate(names) if name in FREQUENT]
    labels = torch.tensor([FREQUENT.index(names[i]) for i in frequent])
    # A last small batch has statistics of its own and is left out.
    variances = [head_variance(training.attention(training.features(batch))) for batch in batches if len(batch) == BATCH]
    print(json.dumps({"head_variance": sum(variances) / len(variances), "class_scatter": class_scatter(features[frequent], labels)}))


if __name__ == "__main__":
    main()
