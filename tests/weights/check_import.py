#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Weights as people save them with PyTorch, given to 'mien import': check_import.py BIN.

A network of DAN's published layout is written here in Python; its state dict is saved in the ways that are found in the
wild, imported, and the logits of both sides are compared. What must be refused is refused, with the right words, and
nothing in a file is run. Exit code 77 (skipped) where a package or a program is missing."""
import json
import os
import pathlib
import re
import shlex
import struct
import subprocess
import sys
import tempfile
import warnings
import zipfile

try:
    import torch
    from torch import nn
except ImportError as missing:
    print(f"skipped: {missing}; pip install torch")
    sys.exit(77)
warnings.filterwarnings("ignore")
torch.set_num_threads(1)

BIN = pathlib.Path(sys.argv[1]).resolve()
LIMIT = 1e-5  # largest relative error of the logits
SMALL = ["--set", "model.width=8", "--set", "input.size=64"]
failures = []


def expect(name, good, detail=""):
    print(f"{'ok  ' if good else 'FAIL'} {name}")
    if not good:
        print("     " + str(detail).replace("\n", "\n     "))
        failures.append(name)


# --- DAN as its authors lay it out: names and order of the keys are those of the published files ---

class Block(nn.Module):
    def __init__(self, i, o, stride):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(i, o, 3, stride, 1, bias=False), nn.BatchNorm2d(o)
        self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
        self.downsample = nn.Sequential(nn.Conv2d(i, o, 1, stride, bias=False), nn.BatchNorm2d(o)) if stride > 1 or i != o else None

    def forward(self, x):
        y = self.bn2(self.conv2(torch.relu(self.bn1(self.conv1(x)))))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


def backbone(w):
    stage = lambda i, o, s: nn.Sequential(Block(i, o, s), Block(o, o, 1))
    return nn.Sequential(nn.Conv2d(3, w, 7, 2, 3, bias=False), nn.BatchNorm2d(w), nn.ReLU(), nn.MaxPool2d(3, 2, 1),
                         stage(w, w, 1), stage(w, 2 * w, 2), stage(2 * w, 4 * w, 2), stage(4 * w, 8 * w, 2))


class Spatial(nn.Module):
    def __init__(self, d):
        super().__init__()
        unit = lambda i, o, k: nn.Sequential(nn.Conv2d(i, o, k, padding=tuple(n // 2 for n in k)), nn.BatchNorm2d(o))
        self.conv1x1, self.conv_3x3 = unit(d, d // 2, (1, 1)), unit(d // 2, d, (3, 3))
        self.conv_1x3, self.conv_3x1 = unit(d // 2, d, (1, 3)), unit(d // 2, d, (3, 1))

    def forward(self, x):
        u = self.conv1x1(x)
        return x * torch.relu(self.conv_3x3(u) + self.conv_1x3(u) + self.conv_3x1(u)).sum(1, keepdim=True)


class Channel(nn.Module):
    def __init__(self, d, hidden):
        super().__init__()
        self.attention = nn.Sequential(nn.Linear(d, hidden), nn.BatchNorm1d(hidden), nn.ReLU(), nn.Linear(hidden, d), nn.Sigmoid())

    def forward(self, x):
        g = x.mean((2, 3))
        return g * self.attention(g)


class Head(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.sa, self.ca = Spatial(d), Channel(d, d // 16)

    def forward(self, x):
        return self.ca(self.sa(x))


class Dan(nn.Module):
    def __init__(self, classes=8, width=64, heads=4):
        super().__init__()
        self.features, self.heads = backbone(width), heads
        for i in range(heads):
            setattr(self, f"cat_head{i}", Head(8 * width))
        self.fc, self.bn = nn.Linear(8 * width, classes), nn.BatchNorm1d(classes)

    def forward(self, x):
        x = self.features(x)
        heads = torch.stack([getattr(self, f"cat_head{i}")(x) for i in range(self.heads)], 1)
        return self.bn(self.fc(torch.log_softmax(heads, 1).sum(1)))


def network(**options):
    """In inference form, with norms as after training: without it they would do nothing."""
    net = Dan(**options)
    for name, buffer in net.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_(0, 0.2)
        elif name.endswith("running_var"):
            buffer.uniform_(0.5, 1.5)
    return net.eval()


# --- running mien ---

def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, t in tensors.items():
        raw = t.contiguous().numpy().tobytes()
        header[name] = {"dtype": {torch.float32: "F32", torch.int64: "I64"}[t.dtype], "shape": list(t.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    head = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + data)


def read_logits(path):
    content = path.read_bytes()
    size = struct.unpack_from("<Q", content)[0]
    entry = json.loads(content[8:8 + size])["logits"]
    begin, end = entry["data_offsets"]
    return torch.frombuffer(bytearray(content[8 + size + begin:8 + size + end]), dtype=torch.float32).view(entry["shape"])


def mien(*arguments):
    return subprocess.run([BIN / "mien-lab", *map(str, arguments)], capture_output=True, text=True, env=dict(os.environ, OMP_NUM_THREADS="1"))


def import_file(file, *more):
    return mien("import", file, "--method", "dan", "-o", file.parent / "out.safetensors", *more)


def check_logits(name, net, file, *more, limit=LIMIT):
    """The file goes through import; the checkpoint that it leaves gives Python's logits."""
    folder = file.parent
    (folder / "out.safetensors").unlink(missing_ok=True)
    run = import_file(file, *more)
    if run.returncode != 0:
        return expect(name, False, run.stdout + run.stderr)
    side = 224 if net.fc.in_features == 512 else 64
    images = torch.randn(3, 3, side, side, generator=torch.Generator().manual_seed(1))
    write_safetensors(folder / "in.safetensors", {"images": images})
    done = subprocess.run([BIN / "checkpoint_logits", folder / "out.safetensors", folder / "in.safetensors", folder / "logits.safetensors"], capture_output=True, text=True)
    if done.returncode != 0:
        return expect(name, False, done.stderr)
    with torch.no_grad():
        expected = net(images)
    error = float((read_logits(folder / "logits.safetensors") - expected).norm() / expected.norm())
    expect(f"{name}: relative error of the logits {error:.1e}", error <= limit, run.stdout)


def check_refused(name, file, pattern, *more, code=3):
    (file.parent / "out.safetensors").unlink(missing_ok=True)
    run = import_file(file, *more)
    good = run.returncode == code and re.search(pattern, run.stderr) and not (file.parent / "out.safetensors").exists()
    expect(f"{name}: refused", good, f"exit code {run.returncode}, wanted {code} and /{pattern}/\n{run.stdout}{run.stderr}")
    return run


# --- files as they are found ---

def repack(source, target, change=lambda name, content: content, method=zipfile.ZIP_STORED):
    """Through an ordinary zip program: no 64-bit records, no alignment."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", method) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))


def views_of_one_storage(state):
    """Every float tensor as a transposed view into one long storage, the first half of them shared by a twin storage."""
    floats = {k: v for k, v in state.items() if v.is_floating_point()}
    storage = torch.cat([v.t().contiguous().flatten() if v.dim() == 2 else v.flatten() for v in floats.values()])
    out, at = dict(state), 0
    for key, value in floats.items():
        part = storage[at:at + value.numel()]
        out[key] = part.view(value.shape[::-1]).t() if value.dim() == 2 else part.view(value.shape)
        at += value.numel()
    return out


class Recorder:
    """As training scripts pickle it with the checkpoint; unknown to the reader."""

    def __init__(self):
        self.values, self.best, self.names = torch.zeros(3, 2), 0.5, {"train", "val"}


def beside_the_weights(net, state, file):
    """Other objects that training scripts save with the weights are skipped."""
    import argparse
    import collections
    cases = {
        "best_acc1": torch.tensor(60.0), "loss": torch.tensor(0.3), "recorder": Recorder(), "when": pathlib.PurePosixPath("x"),
        "args": argparse.Namespace(lr=0.1, gpu=None), "history": collections.defaultdict(list, {"a": [1.5]}),
        "kinds": {1, 2}, "random state": torch.get_rng_state(), "centers": torch.zeros(8, 64), "raw": b"bytes",
    }
    try:
        import numpy
        cases.update({"best numpy": numpy.float64(60), "array": numpy.zeros(3), "numpy state": numpy.random.get_state()})
    except ImportError:
        pass
    for name, value in cases.items():
        for protocol in (2, 4):
            torch.save({name: value, "state_dict": state}, file, pickle_protocol=protocol)
            check_logits(f"{name} beside the state dict, protocol {protocol}", net, file, *SMALL)
    torch.save({**cases, "optimizer": torch.optim.Adam(net.parameters()).state_dict(), "epoch": 3, "ema": {k: v * 0 for k, v in state.items()}, "state_dict": state}, file)
    check_logits("all of it at once, with a copy named ema", net, file, *SMALL)


def prefixes(net, state, file):
    renamed = lambda change: torch.save({"net": {change(k): v for k, v in state.items()}, "n_averaged": torch.tensor(3)}, file)
    for name, change in {
        "DataParallel within the network": lambda k: k.replace("features.", "features.module.", 1),
        "torch.compile around DataParallel": lambda k: "_orig_mod.module." + k,
        "compiled parts": lambda k: k.replace("cat_head0.", "cat_head0._orig_mod.", 1),
        "a prefix of a trainer": lambda k: "model.net." + k,
        "a prefix of most keys": lambda k: k if k.startswith("fc.") else "encoder." + k,
    }.items():
        renamed(change)
        check_logits(name, net, file, *SMALL)
    torch.save({"module.n_averaged": torch.tensor(3), **{"module." + k: v for k, v in state.items()}}, file)
    check_logits("a counter beside the wrapper's keys", net, file, *SMALL)
    renamed(lambda k: k.replace("conv1x1", "x.conv1x1").replace("conv_", "x.conv_"))
    check_refused("a prefix inside that is not guessed", file, r"--strip PREFIX", *SMALL)
    check_logits("a prefix inside that --strip names", net, file, *SMALL, "--strip", "x")
    check_refused("a prefix that no key has", file, "no key contains the part 'y.'", *SMALL, "--strip", "y", code=2)


def good_files(folder):
    torch.manual_seed(0)
    full = network()
    torch.save({"iter": 5, "model_state_dict": full.state_dict(), "optimizer_state_dict": torch.optim.Adam(full.parameters()).state_dict()}, folder / "full.pth")
    expect("the published layout has 275 entries", len(full.state_dict()) == 275, len(full.state_dict()))
    check_logits("published layout, full size", full, folder / "full.pth")

    net = network(width=8)
    state, file = net.state_dict(), folder / "small.pth"
    save = lambda what, **options: torch.save(what, file, **options)
    save(state)
    check_logits("plain state dict", net, file, *SMALL)
    run = mien("export", folder / "out.safetensors", "-o", folder / "out.onnx")
    expect("what was imported can be exported", run.returncode == 0 and (folder / "out.onnx").exists(), run.stdout + run.stderr)
    save({"epoch": 3, "best": 0.5, "name": "x", "on": True, "state_dict": {"module." + k: v for k, v in state.items()}, "sched": torch.optim.lr_scheduler.MultiStepLR(
        torch.optim.SGD(net.parameters(), 0.1), [3, 5]).state_dict()})
    check_logits("state_dict of DataParallel in a checkpoint", net, file, *SMALL)
    save(views_of_one_storage(state))
    check_logits("one storage, strides and offsets", net, file, *SMALL)
    save({k: nn.Parameter(v) if v.is_floating_point() else v for k, v in state.items()})
    check_logits("parameters instead of tensors", net, file, *SMALL)
    save({"weights of today": state})
    check_logits("a container of any name", net, file, *SMALL)
    save({"a": state, "b": {k: v * 0 for k, v in state.items()}})
    check_logits("the entry that --entry names", net, file, *SMALL, "--entry", "a")
    check_refused("two containers without --entry", file, "not clear which entry.*a: a dictionary of", *SMALL)
    beside_the_weights(net, state, file)
    prefixes(net, state, file)
    for protocol in (3, 4, 5):
        save(state, pickle_protocol=protocol)
        check_logits(f"pickle protocol {protocol}", net, file, *SMALL)
    torch.serialization.set_crc32_options(False)
    save(state)
    torch.serialization.set_crc32_options(True)
    check_logits("without checksums", net, file, *SMALL)
    save(state)
    on_gpu = lambda name, content: content.replace(b"X\x03\0\0\0cpu", b"X\x06\0\0\0cuda:0") if name.endswith("data.pkl") else content
    repack(file, folder / "gpu.pth", on_gpu)
    expect("the GPU file says cuda:0", b"cuda:0" in zipfile.ZipFile(folder / "gpu.pth").read("small/data.pkl"))
    check_logits("saved on a GPU, zipped again", net, folder / "gpu.pth", *SMALL)
    save({k: v.double() if v.is_floating_point() else v for k, v in state.items()})
    check_logits("float64", net, file, *SMALL)
    save({k: v.half() if v.is_floating_point() else v for k, v in state.items()})
    check_logits("float16", net, file, *SMALL, limit=2e-2)
    save({k: v for k, v in state.items() if not k.endswith("num_batches_tracked")})
    check_logits("a file from before PyTorch counted batches", net, file, *SMALL)
    write_safetensors(folder / "small.safetensors", state)
    check_logits("safetensors", net, folder / "small.safetensors", *SMALL)
    raf = network(width=8, classes=7)
    torch.save(raf.state_dict(), file)
    check_refused("seven classes in an unknown order", file, "does not contain the order of its 7 classes.*raf or affectnet", *SMALL, code=2)
    check_logits("seven classes in RAF-DB's order", raf, file, *SMALL, "--classes", "raf")
    check_refused("too few classes named", file, "2 classes are given, but the file has 7", *SMALL, "--classes", "fear,anger", code=2)
    return state


def tables(folder, state):
    file = folder / "other.pth"
    changed = {k: v for k, v in state.items() if k != "features.0.weight"}
    changed["fc.weight"], changed["head.extra"] = torch.zeros(8, 5), torch.zeros(2)
    changed["epoch"] = 7
    kinds = [torch.float64, torch.float16, torch.bfloat16, torch.int32, torch.int16, torch.int8, torch.uint8, torch.bool, torch.complex64, torch.uint16, torch.uint32, torch.uint64,
             torch.float8_e4m3fn, torch.float8_e5m2]
    for kind in kinds:
        changed[f"kind.{kind}"] = torch.zeros(3, dtype=kind)
    torch.save(changed, file)
    run = check_refused("a state dict that does not fit", file, r"1 missing \(features.0.weight\), 15 unexpected \(head.extra \(2\), ...\), 1 of another shape \(fc.weight", *SMALL)
    rows = run.stdout
    expect("the table names each entry", all(re.search(p, rows) for p in (r"missing +features\.0\.weight", r"unexpected +head\.extra \(2\)", r"other shape +fc\.weight: \(8, 5\) in the file, \(8, 64\) here",
                                                                           r"not a tensor +epoch: an integer", r"unexpected +kind\.torch\.float8_e5m2 \(3\)")), rows)
    run = import_file(file, *SMALL, "--lenient", "--json")
    out = json.loads(run.stdout) if run.returncode == 0 else {}
    expect("--lenient loads the rest and tells", out.get("loaded") == len(state) - 2 and len(out["unexpected"]) == 1 + len(kinds) and not out["complete"], run.stdout + run.stderr)
    expect("--lenient leaves a checkpoint", (folder / "out.safetensors").exists())
    ours = (folder / "out.safetensors").rename(folder / "ours.safetensors")
    check_refused("a checkpoint of ours", ours, "already a mien checkpoint")


class Attack:
    def __init__(self, command):
        self.command = command

    def __reduce__(self):
        return os.system, (self.command,)


def bad_files(folder, state):
    file, mark = folder / "bad.pth", folder / "was-run"
    torch.save({"state_dict": state, "extra": Attack(f"touch {mark}")}, file)
    check_refused("a pickle that runs a command", file, r"calls for '(posix|os)\.system', which weights never need")
    expect("nothing was run", not mark.exists())
    torch.save(network(width=8), file)
    check_refused("a whole model", file, r"contains '__main__\.Dan', which is not part of a plain state dict.*save only its state dict")
    torch.save(torch.zeros(3), file)
    check_refused("a lone tensor", file, "contains a tensor, expected a dictionary of tensors")
    try:
        torch.jit.save(torch.jit.trace(nn.Linear(2, 2), torch.zeros(1, 2)), str(file))
        check_refused("a TorchScript program", file, "a TorchScript program")
    except (AttributeError, RuntimeError) as gone:
        print(f"     TorchScript not tried: {gone}")

    torch.save(state, file, _use_new_zipfile_serialization=False)
    run = check_refused("the format before PyTorch 1.6", file, "before version 1.6", *SMALL)
    line = re.search(r"python3 (-c .*) OLD NEW\.pth", run.stderr)
    expect("it tells how to save again", line is not None, run.stderr)
    if line:
        subprocess.run([sys.executable, *shlex.split(line.group(1)), file, folder / "again.pth"], check=True)
        run = import_file(folder / "again.pth", *SMALL)
        expect("what was saved again is read", run.returncode == 0, run.stderr)

    torch.save(state, file)
    whole = file.read_bytes()
    file.write_bytes(whole[:len(whole) * 6 // 10])
    wanted = sum(v.numel() * v.element_size() for v in state.values())
    check_refused("cut at 60 %", file, rf"the file is truncated: {len(whole) * 6 // 10} bytes found, its tensors alone need {wanted}")
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0x10
    file.write_bytes(flipped)
    check_refused("one flipped bit in the weights", file, "does not match its checksum", *SMALL)
    file.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n")
    check_refused("a Git LFS pointer", file, r"bad\.pth: a Git LFS pointer of \d+ bytes, not the file itself \(12345 bytes\)")
    file.write_bytes(b"<!DOCTYPE html><html><title>Virus scan warning</title></html>")
    check_refused("a download page", file, "a web page")
    file.write_bytes(b"")
    check_refused("an empty file", file, "neither a safetensors file nor a PyTorch file")
    torch.save(state, folder / "small.pth")
    repack(folder / "small.pth", file, method=zipfile.ZIP_DEFLATED)
    check_refused("compressed entries", file, "is compressed")
    repack(folder / "small.pth", file, lambda name, content: b"big" if name.endswith("byteorder") else content)
    check_refused("a big-endian file", file, "byte order 'big'")
    safe = folder / "cut.safetensors"
    write_safetensors(safe, state)
    whole = safe.read_bytes()
    safe.write_bytes(whole[:len(whole) * 6 // 10])
    check_refused("safetensors cut at 60 %", safe, rf"{len(whole) * 6 // 10} bytes found, {len(whole)} expected")


def main():
    for program in ("mien-lab", "checkpoint_logits"):
        if not (BIN / program).exists():
            print(f"skipped: {BIN / program} is not built")
            return 77
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        state = good_files(folder)
        tables(folder, state)
        bad_files(folder, state)
    print(f"{len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
