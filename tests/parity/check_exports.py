#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares ONNX Runtime and OpenVINO with LibTorch on exported files: check_exports.py EXPORT_NETWORKS.

The program EXPORT_NETWORKS writes files, inputs and LibTorch's outputs for several batch sizes. For each file: the ONNX
checker with shape inference; every output in both runtimes; a batch of three against its pictures one by one; and all of that
again for the form with weights in half precision, where there is one. Exit code 77 (skipped) where a package is missing."""
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
    import onnx
    import onnxruntime
    import openvino
except ImportError as missing:
    print(f"skipped: {missing}; pip install onnx onnxruntime openvino")
    sys.exit(77)

ONNX_RUNTIME, OPENVINO, SINGLES = 1e-5, 1e-4, 5e-5  # largest relative errors, float32
# Without its channel unit, DAN's maps go through a softmax of sums of several hundred.
LARGER = {"dan_model_channel_false": {"class_maps": 5e-5, "head_class_maps": 5e-5}}
HALF_RUNTIMES, HALF_WEIGHTS = 1e-4, 1e-2  # half precision: of one runtime from the other, and from float32
# Where a rounded weight moves a maximum to another patch, or opens a gate, these outputs of one method jump.
HALF_JUMPS = {"winning_patches": 1e-1, "class_maps": 5e-2}
JUMPING = "scan_cci"
failures = []


def relative(got, expected):
    if got.shape != expected.shape:
        return float("inf")
    error = float(np.linalg.norm(got.astype(np.float64) - expected) / max(np.linalg.norm(expected), 1e-30))
    return error if np.isfinite(error) else float("inf")  # max() would let NaN pass


def report(name, error, limit):
    print(f"{'ok  ' if error <= limit else 'FAIL'} {name:50} {error:.1e}")
    if not error <= limit:
        failures.append(name)


class OnnxRuntime:
    name, limit = "onnxruntime", ONNX_RUNTIME

    def __init__(self, file):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def __call__(self, x):
        return self.session.run(None, {self.session.get_inputs()[0].name: x})


class OpenVino:
    name, limit = "openvino", OPENVINO
    core = openvino.Core()

    def __init__(self, file):
        self.model = self.core.compile_model(str(file), "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1})

    def __call__(self, x):
        result = self.model(x)
        return [np.array(result[i]) for i in range(len(self.model.outputs))]


def check_structure(name, file):
    model = onnx.load(file)
    onnx.checker.check_model(model, full_check=True)
    for value in list(model.graph.input) + list(model.graph.output):
        if value.type.tensor_type.shape.dim[0].dim_param not in ("batch", "4*batch"):
            failures.append(f"{name}: {value.name} is not open in the batch")
    card = [p.value for p in model.metadata_props if p.key == "mien.card"]
    if len(card) != 1 or json.loads(card[0])["name"] != name:
        failures.append(f"{name}: no card in the metadata")
    read = openvino.Core().read_model(file).get_rt_info(["framework", "mien.card"])
    if str(getattr(read, "value", read)) != card[0]:
        failures.append(f"{name}: OpenVINO reads another card")
    return model


def check_half(name, model, half):
    """Every weight is the float32 weight rounded once."""
    wide = {i.name: onnx.numpy_helper.to_array(i) for i in model.graph.initializer}
    halves = 0
    for i in half.graph.initializer:
        values = onnx.numpy_helper.to_array(i)
        expected = wide[i.name.removesuffix(".half")]
        halves += values.dtype == np.float16
        if not np.array_equal(values, expected.astype(values.dtype), equal_nan=True):
            failures.append(f"{name}: {i.name} is not the rounded weight")
    return halves


def largest(got, expected, names):
    """The largest relative error of all outputs, and the output's name."""
    if len(got) != len(expected):
        return float("inf"), "number of outputs"
    return max((relative(a, b), name) for a, b, name in zip(got, expected, names))


def check_run(what, runtime, x, expected, names, limit, jumps={}):
    """Holds all outputs to `limit`, those named in `jumps` to limits of their own."""
    got = runtime(x)
    steady = [(a, b, name) for a, b, name in zip(got, expected, names) if name not in jumps]
    error, worst = largest(*zip(*steady)) if len(got) == len(names) else (float("inf"), "number of outputs")
    report(f"{what} batch {len(x)} {runtime.name} ({worst})", error, limit)
    for a, b, name in zip(got, expected, names):
        if name in jumps:
            report(f"{what} batch {len(x)} {runtime.name} ({name})", relative(a, b), jumps[name])
    if len(x) == 3:
        singles = [np.concatenate(parts) for parts in zip(*(runtime(x[i:i + 1]) for i in range(3)))]
        error, worst = largest(got, singles, names)
        report(f"{what} batch 3 = three singles {runtime.name} ({worst})", error, SINGLES)
    return got


def check_half_runs(name, file, model, runs):
    """The form with weights in half precision, against LibTorch and one runtime against the other."""
    half = check_structure(name, file)
    halves = check_half(name, model, half)
    print(f"     {name}: {file.stat().st_size} bytes with {halves} weights in half precision")
    limit = HALF_WEIGHTS if halves else OPENVINO
    jumps = HALF_JUMPS if halves and name.startswith(JUMPING) else {}
    runtimes = [OnnxRuntime(file), OpenVino(file)]
    for x, expected, names in runs:
        first, second = (check_run(f"{name} half", r, x, expected, names, limit, jumps) for r in runtimes)
        error, worst = largest(second, first, names)
        report(f"{name} batch {len(x)} half, both runtimes ({worst})", error, HALF_RUNTIMES)


def read_run(run, folder):
    """(input, LibTorch's outputs, their names)"""
    x = np.fromfile(folder / run["input"], np.float32).reshape(run["shape"])
    return x, [np.fromfile(folder / o["file"], np.float32).reshape(o["shape"]) for o in run["outputs"]], [o["name"] for o in run["outputs"]]


def check(entry, folder):
    name, file = entry["name"], folder / entry["file"]
    model = check_structure(name, file)
    print(f"     {name}: {len(model.graph.node)} nodes, {entry['parameters']} parameters, {entry['multiply_adds']} multiply-adds, {file.stat().st_size} bytes")
    # A norm before an activation, behind a concatenation, stays; one right behind a layer must have been folded into it.
    producers = {output: n.op_type for n in model.graph.node for output in n.output}
    left = [n.op_type for n in model.graph.node
            if n.op_type == "BatchNormalization" and producers.get(n.input[0]) in ("Conv", "Gemm", "MatMul")]
    if left:
        failures.append(f"{name}: {len(left)} batch norms left")
    runs = [read_run(run, folder) for run in entry["runs"]]
    for runtime in (OnnxRuntime(file), OpenVino(file)):
        for x, expected, names in runs:
            check_run(name, runtime, x, expected, names, runtime.limit, LARGER.get(name, {}))
    if entry["half_file"]:
        check_half_runs(name, folder / entry["half_file"], model, runs)


def main():
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        folder = pathlib.Path(folder)
        for entry in json.loads((folder / "manifest.json").read_text()):
            check(entry, folder)
    for failure in failures:
        print("failed:", failure)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
