#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mien's training step against Python PyTorch with a torchvision-style loader (one picture at a time, Python transforms, worker
processes): the plain ResNet-18 of configs/dan/plain.toml, same batch, precision, pictures and machine, in turns.

  bench/train_peer.py --bin build/release/bin --pack ferplus.pack [--short] [--threads 1] [--precision bfloat16]

Each program runs over STEPS batches once and three times; the difference leaves out start, compiling and warm-up. Two figures:
images per second of the clock, and images per second of processor time, which other work on the machine hardly touches
(loader processes and mien's checkpoints and validation count in full). Rounds in turns, medians. Needs torch, numpy, Pillow; prints Markdown.
--short: one round of four batches, to see that it works, in a minute; figures to keep want a quiet machine and the defaults."""
import argparse
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from peer_sets import read_pack

ROOT = Path(__file__).resolve().parent.parent
VALID = 64  # pictures: mien judges after each epoch


class Pack(Dataset):
    """Pictures of the training part, augmented one by one as torchvision's transforms would."""

    def __init__(self, path, size):
        rows, width, height, channels = read_pack(path)
        rows = [(label, raw) for split, label, raw in rows if split == 0]
        self.names = sorted({label for label, _ in rows})
        self.labels = [self.names.index(label) for label, _ in rows]
        self.pixels = torch.frombuffer(bytearray(b"".join(raw for _, raw in rows)), dtype=torch.uint8).view(-1, channels, height, width)
        self.count, self.size = len(rows), size

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
        return x, self.labels[i]


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


def train(a):
    """The peer: `a.passes` passes over the pack."""
    torch.set_num_threads(a.threads)
    net = resnet18(a.width).to(memory_format=torch.channels_last).train()
    optimiser = torch.optim.SGD(net.parameters(), 0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)
    loader = DataLoader(Pack(a.pack, a.size), a.batch, shuffle=True, num_workers=a.workers, drop_last=True, persistent_workers=a.workers > 0)
    for _ in range(a.passes):
        for x, y in loader:
            x = x.contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16, enabled=a.precision == "bfloat16"):
                out = net(x)
            loss = F.cross_entropy(out.float(), y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()


def write_folders(pack, folder, pictures):
    """The first pictures of each part of a pack as class folders."""
    rows, width, height, _ = read_pack(pack)
    for split, name, most in ((0, "train", pictures), (1, "valid", VALID)):
        for i, (_, label, raw) in enumerate([r for r in rows if r[0] == split][:most]):
            target = folder / name / label
            target.mkdir(parents=True, exist_ok=True)
            Image.frombytes("L", (width, height), raw).save(target / f"{i:05d}.png")


def spent(command, folder):
    """Seconds of the clock and of processor time, all processes together."""
    before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.time()
    done = subprocess.run([str(c) for c in command], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.time() - begin, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rates(command_of, folder, pictures):
    """Images per second of the clock and of processor time: three passes less one."""
    once, thrice = (spent(command_of(passes), folder) for passes in (1, 3))
    return [2 * pictures / max(1e-9, t - o) for o, t in zip(once, thrice)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", help="folder with mien and mien-lab")
    parser.add_argument("--pack", default="ferplus.pack")
    parser.add_argument("--steps", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--size", type=int, default=96)
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="bfloat16")
    parser.add_argument("--passes", type=int, default=0, help=argparse.SUPPRESS)  # the peer itself
    a = parser.parse_args()
    if a.passes:
        return train(a)
    if a.short:
        a.steps, a.rounds = 4, 1
    os.environ["OMP_NUM_THREADS"] = str(a.threads)
    load, pictures = os.getloadavg()[0], a.steps * a.batch
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        write_folders(a.pack, scratch / "faces", pictures)
        subprocess.run([str(a.bin.resolve() / "mien"), "data", "pack", "faces", "-o", "small.pack", "--size", "48"], cwd=scratch, check=True, capture_output=True)
        own = {"data.pack": "small.pack", "input.size": a.size, "model.width": a.width, "train.batch_size": a.batch, "train.threads": a.threads,
               "train.precision": f'"{a.precision}"', "train.ema_decay": 0}
        programs = {
            "mien": lambda passes: [a.bin.resolve() / "mien-lab", "train", ROOT / "configs/dan/plain.toml",
                                    *(w for k, v in {**own, "train.epochs": passes}.items() for w in ("--set", f"{k}={v}"))],
            f"PyTorch {torch.__version__}": lambda passes: [sys.executable, Path(__file__).resolve(), "--pack", "small.pack", "--passes", passes,
                                                           *(w for k in ("batch", "size", "width", "threads", "workers", "precision") for w in (f"--{k}", getattr(a, k)))],
        }
        results = {name: [] for name in programs}
        for i in range(a.rounds):
            for name in list(programs)[::1 if i % 2 == 0 else -1]:
                results[name].append(rates(programs[name], scratch, pictures))
    print(f"Plain ResNet-18, width {a.width}, {a.size} px, batch {a.batch}, {a.precision}, {a.threads} thread(s), {a.workers} loader process(es) of the peer; "
          f"{a.steps} steps a pass, {a.rounds} round(s) in turns; load before {load:.1f}, after {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.\n")
    print("| program | images/s of the clock | images/s of processor time |\n|---|---|---|")
    for name, rows in results.items():
        print(f"| {name} | " + " | ".join(f"{statistics.median(r[k] for r in rows):.0f} ({min(r[k] for r in rows):.0f} to {max(r[k] for r in rows):.0f})" for k in (0, 1)) + " |")
    ours, theirs = results.values()
    clock, processor = (statistics.median(o[k] / t[k] for o, t in zip(ours, theirs)) for k in (0, 1))
    print(f"| mien / PyTorch, median over rounds | {clock:.2f} | {processor:.2f} |")


if __name__ == "__main__":
    main()
