#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much half precision costs the shipped models: half_error.py [FILE.onnx ...] writes docs/results/half-precision.json.

A model with an operator of mien (FER-YOLO-Mamba) cannot run in ONNX Runtime: give the file of `mien export --half --portable` under the same name
instead. Only the models that are named get new figures.

A file keeps only the rounded weights. The lost part of each lies anywhere within half a step of its half-precision grid, so
the error is measured by moving every such weight by a random part of a half step, as rounding did, and comparing each output
in ONNX Runtime. Relative error ||a - b|| / ||b|| over pictures of normal noise, root mean square over the draws."""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

ROOT = Path(__file__).resolve().parent.parent
PICTURES, DRAWS, SEED = 16, 12, 0


def outputs(model, x):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    return dict(zip((o.name for o in session.get_outputs()), session.run(None, {session.get_inputs()[0].name: x})))


def widened(model, random):
    """The same network with float32 weights, moved within their rounding step where `random` is given."""
    wide = onnx.ModelProto()
    wide.CopyFrom(model)
    for i in wide.graph.initializer:
        if not i.name.endswith(".half"):
            continue
        stored = onnx.numpy_helper.to_array(i)
        values = stored.astype(np.float32)
        if random is not None:
            values += (random.random(values.shape, dtype=np.float32) - 0.5) * np.spacing(np.abs(stored)).astype(np.float32)
        i.CopyFrom(onnx.numpy_helper.from_array(values, i.name))
    return wide


def errors(file):
    model, random = onnx.load(file), np.random.default_rng(SEED)
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim][1:]
    x = random.standard_normal((PICTURES, *shape), dtype=np.float32)
    stored = outputs(widened(model, None), x)
    squares = {name: [] for name in stored}
    for _ in range(DRAWS):
        for name, moved in outputs(widened(model, random), x).items():
            difference = np.linalg.norm((moved - stored[name]).astype(np.float64))
            squares[name].append((difference / max(np.linalg.norm(stored[name]), 1e-30)) ** 2)
    return {name: float(f"{np.sqrt(np.mean(values)):.1e}") for name, values in squares.items()}


def main():
    files = [Path(f) for f in sys.argv[1:]] or sorted((ROOT / "models").glob("*.onnx"))
    target = ROOT / "docs/results/half-precision.json"
    result = json.loads(target.read_text())
    result.update((file.stem, errors(file)) for file in files)
    result = dict(sorted(result.items()))
    target.write_text(json.dumps(result, indent=2) + "\n")
    print(target.read_text())


if __name__ == "__main__":
    main()
