#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The ResNet-18 of an exported model as a file for init.backbone, to train further from a shipped model:

  bench/model_backbone.py models/dan-ferplus.onnx --data ferplus.pack -o runs/dan-backbone.safetensors

Export folds each batch norm into the convolution before it. Here the folded biases become batch norms again, with the statistics of 2,048 training
pictures; the features stay the same (relative 1e-5 at most). Names are torchvision's. Needs torch, numpy, onnx, safetensors, Pillow."""
import argparse
import json
import sys
from pathlib import Path

import onnx
import torch
import torch.nn as nn
import torch.nn.functional as F
from onnx import numpy_helper
from safetensors.torch import save_file

from affine_norm import Norm, measure
from peer_sets import read_pack
from train_peer import resnet18

PICTURES, BATCH = 2048, 256


def initializers(model):
    """{name: float32 tensor}; the names of half-precision ones without their suffix."""
    return {i.name.removesuffix(".half"): torch.from_numpy(numpy_helper.to_array(i).copy()).float() for i in model.graph.initializer}


def layer(path):
    """Of a convolution in train_peer.resnet18: path of its norm, name in the exported file, torchvision's names of both."""
    if path == "0":
        return "1", "0", "conv1", "bn1"
    index, part = path.split(".", 1)
    stage, block = divmod(int(index) - 4, 2)
    exported, published = f"{4 + stage}.{block}.", f"layer{1 + stage}.{block}."
    if part == "down.0":
        return f"{index}.down.1", exported + "downsample", published + "downsample.0", published + "downsample.1"
    norm = part.replace("conv", "bn")
    return f"{index}.{norm}", exported + part, published + part, published + norm


def layers_of(net):
    return [(path, *layer(path)) for path, module in net.named_modules() if isinstance(module, nn.Conv2d)]


def backbone(tensors, file):
    """train_peer.resnet18 with the folded layers of a model, its norms still affine layers."""
    for prefix in ("features.", "backbone."):
        if f"{prefix}0.weight" in tensors:
            break
    else:
        raise SystemExit(f"{file}: no ResNet-18 under 'features.' or 'backbone.'.")
    stem = tensors[f"{prefix}0.weight"]
    if stem.shape[1:] != (1, 7, 7):
        raise SystemExit(f"{file}: the first layer is {tuple(stem.shape)}; a convolution of 7×7 on one channel is expected.")
    net = resnet18(stem.shape[0])
    for path, norm, exported, *_ in layers_of(net):
        affine = Norm(net.get_submodule(norm).num_features)
        with torch.no_grad():
            net.get_submodule(path).weight.copy_(tensors[f"{prefix}{exported}.weight"])
            affine.bias.copy_(tensors[f"{prefix}{exported}.bias"])
        net.set_submodule(norm, affine)
    return net


def batches_of(pack, card):
    """Training pictures, drawn once, as the network gets them."""
    rows, width, height, channels = read_pack(pack)
    own = [raw for split, _, raw in rows if split == 0]
    if channels != 1 or len(own) < PICTURES:
        raise SystemExit(f"{pack}: at least {PICTURES} grey training pictures are needed.")
    chosen = torch.randperm(len(own), generator=torch.Generator().manual_seed(0))[:PICTURES]
    pixels = torch.frombuffer(bytearray(b"".join(own[i] for i in chosen)), dtype=torch.uint8).view(-1, 1, height, width).float()
    size = card["input"]["height"], card["input"]["width"]
    scaled = (pixels / 255 - card["input"]["mean"][0]) / card["input"]["std"][0]
    return [F.interpolate(part, size, mode="bilinear", align_corners=False) for part in scaled.split(BATCH)]


def published(net):
    """{torchvision's name: tensor}"""
    out = {}
    for path, norm, _, conv_name, norm_name in layers_of(net):
        out[f"{conv_name}.weight"] = net.get_submodule(path).weight.detach().contiguous()
        for key, value in net.get_submodule(norm).state_dict().items():
            out[f"{norm_name}.{key}"] = value.contiguous()
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="pack with training pictures")
    parser.add_argument("-o", "--output", type=Path, required=True)
    args = parser.parse_args()
    model = onnx.load(args.model)
    card = json.loads(next(p.value for p in model.metadata_props if p.key == "mien.card"))
    net = backbone(initializers(model), args.model)
    features = net[:-4]  # without pooling and classifier
    measure(net, features, batches_of(args.data, card))
    args.output.parent.mkdir(parents=True, exist_ok=True)
    partial = args.output.with_suffix(".tmp")
    save_file(published(net), partial)
    partial.rename(args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
