#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Faults that no program can catch, and those it must: SIGKILL, full disks, closed folders, two runs at once.

kill: each of pack, train, export and predict is killed at random moments. Afterwards no file under a final name may
      differ from that of an undisturbed run, the command must succeed when started again, and a killed training must end
      with the weights of one that was never stopped, bit for bit.
disk: each writes into a tiny full file system (needs root): an error with exit code 1, nothing under the final name, what
      was there before is whole.
open: read-only folders; two trainings of one name at once; two packs into one file at once.

Exit code 0: all held; 1: not; 77: skipped.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
SYSTEM = HERE.parent / "system"
TRAIN = ["--set", "data.pack=fer.pack", "--set", "input.size=48", "--set", "train.epochs=3", "--set", "train.precision=float32",
         "--set", "train.batch_size=32", "--set", "train.save_minutes=0.01", "--set", "model.width=16"]


class Failure(Exception):
    pass


def require(condition, what):
    if not condition:
        raise Failure(what)


def run(command, cwd, expect=0):
    result = subprocess.run([str(word) for word in command], cwd=cwd, capture_output=True)
    talk = result.stderr.decode("utf-8", "replace")
    require(expect is None or result.returncode == expect, f"{command}: exit code {result.returncode}, not {expect}\n{talk}")
    require(result.returncode >= 0 and result.returncode < 134, f"{command}: crashed ({result.returncode})\n{talk}")
    result.talk = talk
    return result


def run_and_kill(command, cwd, after):
    """True where the kill came before the end."""
    process = subprocess.Popen([str(word) for word in command], cwd=cwd, stdout=open(cwd / "stdout", "wb"), stderr=subprocess.DEVNULL)
    try:
        process.wait(timeout=after)
        return False
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait() == -9


def tensors(path):
    """Name → type, shape and bytes; fails where the file is not whole."""
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    header = json.loads(content[8:8 + size])
    header.pop("__metadata__", None)
    end = max(t["data_offsets"][1] for t in header.values())
    require(len(content) == 8 + size + end, f"{path}: cut")
    return {n: (t["dtype"], t["shape"], content[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]]) for n, t in header.items()}


class Bench:
    """A small data set, and what each command gives when nothing disturbs it."""

    def __init__(self, args, folder):
        self.mien, self.lab, self.folder = args.mien, args.lab, folder
        run([sys.executable, SYSTEM / "make_ferplus.py", folder / "fer", 16], folder)
        self.pictures = sorted((folder / "fer/FER2013Train").glob("*.png"))[:60]
        self.commands = {"pack": [self.mien, "data", "pack", "fer", "-o", "fer.pack"]}
        if args.model:
            self.commands["predict"] = [self.mien, "predict", "--detector", "none", "--model", args.model, "--format", "jsonl", "--threads", "1",
                                        "--out", "out", *self.pictures]
        if self.lab:
            self.commands["train"] = [self.lab, "train", args.config, *TRAIN, "--set", "name=run"]
            self.commands["export"] = [self.lab, "export", "runs/train/run", "-o", "run.onnx"]
        self.files = {"pack": ["fer.pack"], "train": ["runs/train/run/best.safetensors", "runs/train/run/last.safetensors"],
                      "export": ["run.onnx"], "predict": ["out"]}
        self.reference, self.seconds = folder / "reference", {}
        for name in ("pack", "train", "export", "predict"):
            if name in self.commands:
                begin = time.monotonic()
                result = run(self.commands[name], folder)
                self.seconds[name] = time.monotonic() - begin
                if name == "predict":
                    self.lines = result.stdout.splitlines()
        shutil.copytree(folder, self.reference, ignore=shutil.ignore_patterns("fer"))

    def clear(self, name):
        for file in self.files[name]:
            path = self.folder / (file if name != "train" else "runs")
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)

    def restore(self):
        for name in ("fer.pack", "run.onnx"):
            if (self.reference / name).exists():
                shutil.copy(self.reference / name, self.folder / name)
        shutil.rmtree(self.folder / "runs", ignore_errors=True)
        if (self.reference / "runs").exists():
            shutil.copytree(self.reference / "runs", self.folder / "runs")

    def same(self, relative):
        a, b = self.folder / relative, self.reference / relative
        return tensors(a) == tensors(b) if a.suffix == ".safetensors" else a.read_bytes() == b.read_bytes()

    # What must hold after a kill, and after the command was started again.
    def check_pack(self):
        require(not (self.folder / "fer.pack").exists() or self.same("fer.pack"), "an incomplete pack has the final name")
        run(self.commands["pack"], self.folder)
        require(self.same("fer.pack"), "the second pack differs")

    def check_export(self):
        require(not (self.folder / "run.onnx").exists() or self.same("run.onnx"), "an incomplete model has the final name")
        run(self.commands["export"], self.folder)
        require(self.same("run.onnx"), "the second export differs")

    def check_predict(self):
        lines = (self.folder / "stdout").read_bytes().split(b"\n")[:-1]  # what comes after the last line end is not a row
        strip = lambda line: {k: v for k, v in json.loads(line).items() if k != "timing_ms"}
        require([strip(l) for l in lines] == [strip(l) for l in self.lines[:len(lines)]], "rows differ")
        for file in (self.folder / "out").glob("*.*"):
            require(file.name.startswith(".") or self.same(f"out/{file.name}"), f"{file} is half")
        run(self.commands["predict"], self.folder)
        for file in (self.reference / "out").iterdir():
            require(self.same(f"out/{file.name}"), f"{file.name} differs after the second run")

    def check_train(self):
        run_folder = self.folder / "runs/train/run"
        for file in ("best.safetensors", "last.safetensors"):
            if (run_folder / file).exists():
                tensors(run_folder / file)
        if (run_folder / "last.safetensors").exists():
            run([self.lab, "train", "--resume", "runs/train/run"], self.folder)
        else:
            run([self.lab, "train", "--resume", "runs/train/run"], self.folder, expect=4)
            self.clear("train")
            run(self.commands["train"], self.folder)
        for file in self.files["train"]:
            require(self.same(file), f"{file} differs from that of the undisturbed run")
        rows = [json.loads(line) for line in (run_folder / "metrics.jsonl").read_text().splitlines()]
        require([row["epoch"] for row in rows] == [1, 2, 3], "metrics.jsonl lacks or repeats an epoch")


def kill(bench, times, rng, report):
    for name in ("pack", "predict", "export", "train"):
        if name not in bench.commands:
            continue
        killed = 0
        for _ in range(times):
            bench.restore()
            bench.clear(name)
            killed += run_and_kill(bench.commands[name], bench.folder, rng.uniform(0.02, 0.9 * bench.seconds[name]))
            getattr(bench, f"check_{name}")()
        parts = len([f for f in bench.folder.rglob(".*.part")])
        report(f"kill {name}: {times} tried, {killed} killed before the end ({bench.seconds[name]:.1f} s undisturbed), all went on; "
               f"{parts} unfinished files left beside the targets")
        for file in bench.folder.rglob(".*.part"):
            file.unlink()


def disk(bench, report):
    mount = bench.folder / "small"
    mount.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", mount], capture_output=True).returncode != 0:
        report("disk: skipped: mounting a small tmpfs needs root")
        return
    try:
        cases = {"pack": ([bench.mien, "data", "pack", "fer", "--overwrite", "-o", mount / "fer.pack"], "fer.pack")}
        if "predict" in bench.commands:
            command = list(bench.commands["predict"])
            command[command.index("out")] = mount / "out"
            cases["predict"] = (command, None)
        if bench.lab:
            cases["export"] = ([bench.lab, "export", bench.reference / "runs/train/run", "--overwrite", "-o", mount / "run.onnx"], "run.onnx")
        for name, (command, file) in cases.items():
            for content in (None, b"the old one"):
                if file and content:
                    (mount / file).write_bytes(content)
                if not file:
                    (mount / "fill").write_bytes(bytes(40000))
                result = run(command, bench.folder, expect=None)
                require(result.returncode == 1, f"disk {name}: exit code {result.returncode}\n{result.talk}")
                require("No space left" in result.talk and "disk space" in result.talk, f"disk {name}: {result.talk}")
                if file:
                    require((mount / file).exists() == bool(content) and (not content or (mount / file).read_bytes() == content), f"disk {name}: the target")
                require(not list(mount.rglob(".*.part")), f"disk {name}: leaves its unfinished file")
            for item in mount.iterdir():
                shutil.rmtree(item) if item.is_dir() else item.unlink()
        if bench.lab:
            command = list(bench.commands["train"])
            command[command.index("data.pack=fer.pack")] = f"data.pack={bench.folder / 'fer.pack'}"
            result = run(command, mount, expect=None)
            require(result.returncode == 1 and "No space left" in result.talk, f"disk train: exit code {result.returncode}\n{result.talk}")
            cases["train"] = None
        report(f"disk full: {', '.join(cases)}: exit code 1 with the reason, nothing half-written, old files whole")
    finally:
        subprocess.run(["umount", mount])


def read_only(bench, report):
    words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    if words and (not shutil.which("setpriv") or subprocess.run(words + ["true"], capture_output=True).returncode != 0):
        report("read-only folder: skipped: root may write everywhere and setpriv can't change that")
        return
    closed = bench.folder / "closed"
    closed.mkdir()
    closed.chmod(0o555)
    cases = {"pack": [bench.mien, "data", "pack", "fer", "-o", closed / "fer.pack"]}
    if "predict" in bench.commands:
        command = list(bench.commands["predict"])
        command[command.index("out")] = closed / "out"
        cases["predict"] = command
    if bench.lab:
        cases["export"] = [bench.lab, "export", "runs/train/run", "-o", closed / "run.onnx"]
    for name, command in cases.items():
        result = run(words + command, bench.folder, expect=1)
        require("ermission" in result.talk and "write to" in result.talk, f"read-only {name}: {result.talk}")
    if bench.lab:
        command = list(bench.commands["train"])
        command[command.index("data.pack=fer.pack")] = f"data.pack={bench.folder / 'fer.pack'}"
        result = run(words + command, closed, expect=1)
        require("ermission" in result.talk, f"read-only train: {result.talk}")
        cases["train"] = None
    require(not list(closed.iterdir()), "something was written into a read-only folder")
    report(f"read-only folder: {', '.join(cases)}: exit code 1 with the reason")


def together(bench, report):
    bench.restore()
    shutil.rmtree(bench.folder / "runs", ignore_errors=True)
    (bench.folder / "both.pack").unlink(missing_ok=True)
    command = [bench.mien, "data", "pack", "fer", "-o", "both.pack"]
    both = [subprocess.Popen([str(w) for w in command], cwd=bench.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    require([p.wait() for p in both] == [0, 0], "two packs into one file")
    require((bench.folder / "both.pack").stat().st_size > 0 and not list(bench.folder.glob(".*.part")), "two packs into one file")
    run([bench.mien, "data", "check", "both.pack"], bench.folder)
    if not bench.lab:
        return report("two at once: two packs into one file: one whole file")
    both = [subprocess.Popen([str(w) for w in bench.commands["train"]], cwd=bench.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for _ in range(2)]
    require([p.wait() for p in both] == [0, 0], "two trainings of one name")
    for name in ("run", "run-2"):
        require(tensors(bench.folder / f"runs/train/{name}/last.safetensors") == tensors(bench.reference / "runs/train/run/last.safetensors"),
                f"two trainings at once: {name} differs")
    report("two at once: two packs into one file: one whole file; two trainings of one name: two folders, equal weights")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", type=Path, required=True, help="folder of the programs")
    parser.add_argument("--root", type=Path, required=True, help="source tree")
    parser.add_argument("--times", type=int, default=2, help="kills of each command")
    parser.add_argument("--seed", type=int, default=None)
    args = parser.parse_args()
    args.mien, args.lab = (args.bin / "mien").resolve(), (args.bin / "mien-lab").resolve()
    args.lab = args.lab if args.lab.exists() else None
    model = args.root / "models/dan-ferplus.onnx"
    args.model, args.config = (model.resolve() if model.exists() else None), (args.root / "configs/dan/ferplus.toml").resolve()
    if not args.mien.exists():
        print("SKIPPED: the program mien is not built")
        return 77
    seed = args.seed if args.seed is not None else random.randrange(1 << 30)
    print(f"seed {seed}", flush=True)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    folder = Path(tempfile.mkdtemp(prefix="mien-faults-"))
    report = lambda line: print(line, flush=True)
    try:
        bench = Bench(args, folder)
        kill(bench, args.times, random.Random(seed), report)
        bench.restore()
        disk(bench, report)
        read_only(bench, report)
        together(bench, report)
        return 0
    except Failure as failure:
        print(f"FAILED: {failure}")
        return 1
    finally:
        subprocess.run(["chmod", "-R", "u+w", folder], capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
