#!/usr/bin/env python3
"""Forward pass of an exported model: mien's runtime against OpenVINO's own benchmark tool and ONNX Runtime, one thread,
float32, same file, same machine, in turns.

  cmake --preset dev -DMIEN_BENCH=ON && cmake --build --preset dev --target forward
  .venv/bin/python bench/forward_peer.py build/dev/bin/forward models/dan-ferplus.onnx"""
import argparse
import json
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np


def mien(tool, model, batch, repetitions):
    out = subprocess.run([tool, model, str(batch), "1", str(repetitions)], check=True, capture_output=True, text=True).stdout
    return json.loads(out)["median_ms"]


def openvino_tool(model, batch, repetitions, shape):
    tool = Path(sys.executable).parent / "benchmark_app"
    out = subprocess.run([str(tool), "-m", model, "-d", "CPU", "-api", "sync", "-hint", "none", "-nthreads", "1", "-nstreams", "1", "-infer_precision", "f32",
                          "-niter", str(repetitions), "-shape", f"[{batch},{shape[0]},{shape[1]},{shape[2]}]"], check=True, capture_output=True, text=True).stdout
    return float(re.search(r"Median:\s+([0-9.]+)", out).group(1))


def onnx_runtime(model, batch, repetitions, shape):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    x = np.random.default_rng(0).standard_normal((batch, *shape), dtype=np.float32)
    feed = {session.get_inputs()[0].name: x}
    times = []
    for i in range(repetitions + 20):
        begin = time.perf_counter()
        session.run(None, feed)
        times.append((time.perf_counter() - begin) * 1000)
    return statistics.median(times[20:])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool")
    parser.add_argument("model")
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    a = parser.parse_args()
    import onnx

    proto = onnx.load(a.model)
    shape = [d.dim_value for d in proto.graph.input[0].type.tensor_type.shape.dim][1:]
    print("| batch | mien ms | OpenVINO benchmark_app ms | ONNX Runtime ms | mien / OpenVINO |\n|---|---|---|---|---|")
    for batch in (1, 8):
        n = a.repetitions if batch == 1 else max(20, a.repetitions // 4)
        rows = [(mien(a.tool, a.model, batch, n), openvino_tool(a.model, batch, n, shape), onnx_runtime(a.model, batch, n, shape)) for _ in range(a.rounds)]
        ours, theirs, ort = (statistics.median(r[k] for r in rows) for k in range(3))
        print(f"| {batch} | {ours:.2f} | {theirs:.2f} | {ort:.2f} | {ours / theirs:.3f} |")


if __name__ == "__main__":
    main()
