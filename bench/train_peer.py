#!/usr/bin/env python3
"""Peer of mien's training step: the plain ResNet-18 of configs/dan/plain.toml in Python PyTorch, with a torchvision-style
loader (one picture at a time, Python transforms, worker processes), same batch, same precision, same machine.

  .venv/bin/python bench/train_peer.py PACK [--steps 40] [--precision bfloat16] [--size 96] [--width 32]

Prints images per second as JSON. mien's own figure stands in the run's metrics.jsonl ("images_per_second")."""
import argparse
import json
import math
import struct
import time

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.utils.data import DataLoader, Dataset


class Pack(Dataset):
    """Pictures of the training part, augmented one by one as torchvision's transforms would."""

    def __init__(self, path, size):
        data = open(path, "rb").read()
        _, _, width, height, channels, count = struct.unpack_from("<8sIIIIQ", data)
        self.pixels = torch.frombuffer(bytearray(data[96:96 + count * width * height * channels]), dtype=torch.uint8)
        self.pixels = self.pixels.view(count, channels, height, width)
        self.count, self.size = min(count, 25045), size

    def __len__(self):
        return self.count

    def __getitem__(self, i):
        x = (self.pixels[i].float() / 255 - 0.508) / 0.255
        angle, scale = (torch.rand(1).item() * 2 - 1) * math.radians(15), 0.88 + torch.rand(1).item() * 0.24
        flip = -1.0 if torch.rand(1).item() < 0.5 else 1.0
        c, s = math.cos(angle) / scale, math.sin(angle) / scale
        theta = torch.tensor([[[c * flip, s * flip, 0], [-s, c, 0]]])
        grid = F.affine_grid(theta, (1, 1, self.size, self.size), align_corners=False)
        x = F.grid_sample(x.unsqueeze(0), grid, padding_mode="border", align_corners=False)[0]
        x = x * (0.7 + torch.rand(1).item() * 0.6) + (torch.rand(1).item() * 0.4 - 0.2)
        if torch.rand(1).item() < 0.5:
            h, w = (int(self.size * (0.15 + torch.rand(1).item() * 0.25)) for _ in range(2))
            top, left = (int(torch.rand(1).item() * (self.size - v)) for v in (h, w))
            x[:, top:top + h, left:left + w] = 0
        return x, i % 8


class Block(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(a, b, 3, stride, 1, bias=False), nn.BatchNorm2d(b)
        self.conv2, self.bn2 = nn.Conv2d(b, b, 3, 1, 1, bias=False), nn.BatchNorm2d(b)
        self.down = nn.Sequential(nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b)) if stride != 1 or a != b else nn.Identity()

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.down(x))


def resnet18(width):
    layers = [nn.Conv2d(1, width, 7, 2, 3, bias=False), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    a = width
    for stage in range(4):
        b = width << stage
        layers += [Block(a, b, 1 if stage == 0 else 2), Block(b, b, 1)]
        a = b
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.3), nn.Linear(a, 8))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pack")
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="bfloat16")
    a = parser.parse_args()
    net = resnet18(a.width).to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)
    loader = DataLoader(Pack(a.pack, a.size), a.batch, shuffle=True, num_workers=a.workers, drop_last=True)
    pictures, begin = 0, None
    for step, (x, y) in enumerate(loader):
        if step == 5:
            begin, pictures = time.time(), 0
        if step == a.steps + 5:
            break
        x = x.contiguous(memory_format=torch.channels_last)
        with torch.autocast("cpu", torch.bfloat16, enabled=a.precision == "bfloat16"):
            out = net(x)
        loss = F.cross_entropy(out.float(), y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        pictures += len(x)
    print(json.dumps({"peer": f"PyTorch {torch.__version__}", "precision": a.precision, "size": a.size, "width": a.width, "batch": a.batch,
                      "images_per_second": round(pictures / (time.time() - begin), 1)}))


if __name__ == "__main__":
    main()
