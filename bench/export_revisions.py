#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares the exports of two revisions: export_revisions.py OLD_BIN NEW_BIN PACK [ROUNDS].

OLD_BIN and NEW_BIN are the folders of the built programs (mien-lab; NEW_BIN has bench's forward as well). For the configuration
of each shipped model, the old revision makes a checkpoint, its weights are filled by the formula of the golden files, and both
revisions export it in float32. One JSON row per model: parameters, multiply-adds, the relative error of each output
that both files have (ONNX Runtime, also against the old graph in float64), and the ratio new / old of the median times over alternating rounds of forward."""
import json
import math
import pathlib
import statistics
import struct
import subprocess
import sys
import tempfile

import numpy as np
import onnx
import onnx.reference
import onnxruntime

ROOT = pathlib.Path(__file__).resolve().parent.parent
MODELS = {"dan": "configs/dan/ferplus.toml", "ada-df": "configs/ada-df/ferplus.toml",
          "dnfer": "configs/dnfer/ferplus.toml", "fdrl": "configs/fdrl/ferplus.toml"}
SALT = "mien"


def formula(key, shape):
    """Values of the golden files' weights: SplitMix64 of the key's FNV-1a hash and the element's index."""
    h = 0xCBF29CE484222325
    for byte in f"{SALT}:{key}".encode():
        h = (h ^ byte) * 0x100000001B3 % 2**64
    z = np.uint64(h) + (np.arange(math.prod(shape), dtype=np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    u = ((z >> np.uint64(40)).astype(np.float32) / np.float32(2**24)).reshape(shape)
    name = key.split(".")[-1]
    if name == "running_var" or (len(shape) == 1 and name == "weight"):
        return 0.5 + u
    if name == "running_mean" or (len(shape) == 1 and name == "bias"):
        return 0.2 * (u - 0.5)
    if len(shape) >= 2:
        return (2 * u - 1) * np.float32(math.sqrt(3 * shape[0] / math.prod(shape)))
    return 2 * u - 1


def fill(checkpoint):
    """Overwrites the weights of a checkpoint; without its two hashes it is read unchecked."""
    data = checkpoint.read_bytes()
    size, = struct.unpack("<Q", data[:8])
    header, values = json.loads(data[8:8 + size]), bytearray(data[8 + size:])
    for key in ("content_hash", "header_hash"):
        header["__metadata__"].pop(key, None)
    for key, entry in header.items():
        if key != "__metadata__" and entry["dtype"] == "F32":
            begin, end = entry["data_offsets"]
            values[begin:end] = formula(key, entry["shape"]).astype("<f4").tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    checkpoint.write_bytes(struct.pack("<Q", len(text)) + text + values)


def run(*command, cwd):
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, command))}\n{done.stderr}")
    return done.stdout


def outputs(file, x):
    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(None, {session.get_inputs()[0].name: x}))), session.get_inputs()[0].shape


def relative(got, expected):
    """||got - expected|| / ||expected|| to two digits; None where the reference evaluator overflows."""
    error = np.linalg.norm(got - expected) / np.linalg.norm(expected)
    return float(f"{error:.1e}") if np.isfinite(error) else None


def exact_outputs(file, x):
    """What the graph gives with all its numbers in float64."""
    model, double = onnx.load(file), onnx.TensorProto.DOUBLE
    for tensor in model.graph.initializer:
        if tensor.data_type == onnx.TensorProto.FLOAT:
            tensor.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(tensor).astype(np.float64), tensor.name))
    for node in model.graph.node:
        for attribute in node.attribute:
            if node.op_type == "Cast" and attribute.name == "to" and attribute.i == onnx.TensorProto.FLOAT:
                attribute.i = double
            if attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_type == onnx.TensorProto.FLOAT:
                attribute.t.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(attribute.t).astype(np.float64)))
    evaluator = onnx.reference.ReferenceEvaluator(model)
    return dict(zip(evaluator.output_names, evaluator.run(None, {evaluator.input_names[0]: x.astype(np.float64)})))


def card(file):
    meta = {entry.key: entry.value for entry in onnx.load(file).metadata_props}
    return json.loads(meta["mien.card"])


def compare(name, config, old, new, pack, rounds, folder):
    short = ("train.samples=128", "train.epochs=1", "train.batch_size=64")
    settings = [part for value in (f"data.pack={pack}", *short) for part in ("--set", value)]
    run(old / "mien-lab", "train", ROOT / config, *settings, cwd=folder)
    checkpoint = next(folder.glob("runs/train/*/best.safetensors"))
    fill(checkpoint)
    files = {"old": folder / "old.onnx", "new": folder / "new.onnx"}
    for revision, programs in (("old", old), ("new", new)):
        run(programs / "mien-lab", "export", checkpoint, "-o", files[revision], cwd=folder)
    cards = {revision: card(file) for revision, file in files.items()}
    spec = cards["old"]["input"]
    x = np.random.default_rng(0).standard_normal((3, spec["channels"], spec["height"], spec["width"])).astype(np.float32)
    before, after = (outputs(file, x)[0] for file in files.values())
    exact = exact_outputs(files["old"], x)
    errors = {key: {"new against old": relative(after[key], before[key]), "old against float64": relative(before[key], exact[key]),
                    "new against float64": relative(after[key], exact[key])} for key in before if key in after}
    ratios = {}
    for batch in (1, 8) if rounds else ():
        times = {"old": [], "new": []}
        for _ in range(rounds):
            for revision, file in files.items():
                row = json.loads(run(new / "forward", file, batch, 1, 200, cwd=folder))
                times[revision].append(row["median_ms"])
        ratios[f"batch {batch}"] = round(statistics.median(times["new"]) / statistics.median(times["old"]), 4)
    row = {"model": name, "outputs": errors, "only_new": sorted(set(after) - set(before)),
           "only_old": sorted(set(before) - set(after)), "time_new_over_old": ratios, "rounds": rounds}
    for figure in ("parameters", "multiply_adds"):
        row[figure] = {revision: cards[revision][figure] for revision in cards}
    return row


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    old, new, pack = (pathlib.Path(argument).resolve() for argument in sys.argv[1:4])
    rounds = int(sys.argv[4]) if len(sys.argv) > 4 else 10
    for name, config in MODELS.items():
        with tempfile.TemporaryDirectory() as folder:
            print(json.dumps(compare(name, config, old, new, pack, rounds, pathlib.Path(folder))), flush=True)


if __name__ == "__main__":
    main()
