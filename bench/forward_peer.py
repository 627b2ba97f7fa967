#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Forward pass of an exported model: mien's runtime against OpenVINO's own benchmark tool and ONNX Runtime, one thread,
float32, same file, same machine, in rounds that take turns. Median: of the rounds' medians. Least: the quickest run of all, which
other work on the machine disturbs least. The tool runs unpinned, as mien does: pinned to a core where other work runs, it waits.

  cmake --preset dev -DMIEN_BENCH=ON && cmake --build --preset dev --target forward
  .venv/bin/python bench/forward_peer.py build/dev/bin/forward models/dan-ferplus.onnx"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np


def mien(tool, model, batch, repetitions):
    out = subprocess.run([tool, model, str(batch), "1", str(repetitions)], check=True, capture_output=True, text=True).stdout
    result = json.loads(out)
    return result["median_ms"], result["least_ms"]


def openvino_tool(model, batch, repetitions, shape):
    tool = Path(sys.executable).parent / "benchmark_app"
    out = subprocess.run([str(tool), "-m", model, "-d", "CPU", "-api", "sync", "-hint", "none", "-nthreads", "1", "-nstreams", "1", "-pin", "NO", "-infer_precision", "f32",
                          "-niter", str(repetitions), "-shape", f"[{batch},{shape[0]},{shape[1]},{shape[2]}]"], check=True, capture_output=True, text=True).stdout
    figures = (re.search(rf"{word}:\s+([0-9.]+) (ms|us)", out).groups() for word in ("Median", "Min"))  # below a millisecond it says us
    return tuple(float(value) / (1000 if unit == "us" else 1) for value, unit in figures)


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
    return statistics.median(times[20:]), min(times[20:])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool")
    parser.add_argument("model")
    parser.add_argument("--repetitions", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=9)
    a = parser.parse_args()
    import onnx

    proto = onnx.load(a.model)
    shape = [d.dim_value for d in proto.graph.input[0].type.tensor_type.shape.dim][1:]
    programs = {"mien": lambda b, n: mien(a.tool, a.model, b, n), "OpenVINO's benchmark_app": lambda b, n: openvino_tool(a.model, b, n, shape),
                "ONNX Runtime": lambda b, n: onnx_runtime(a.model, b, n, shape)}
    load = os.getloadavg()[0]
    print("| batch | program | median ms (rounds' least to most) | least ms | median, times OpenVINO's | least, times OpenVINO's |\n|---|---|---|---|---|---|")
    for batch in (1, 8):
        n = a.repetitions if batch == 1 else max(20, a.repetitions // 4)
        rows = {name: [] for name in programs}
        for i in range(a.rounds):  # each round begins with another
            for name in (list(programs) * 2)[i % 3:i % 3 + 3]:
                rows[name].append(programs[name](batch, n))
        medians = {name: statistics.median(r[0] for r in row) for name, row in rows.items()}
        least = {name: min(r[1] for r in row) for name, row in rows.items()}
        theirs = "OpenVINO's benchmark_app"
        for name, row in rows.items():
            print(f"| {batch} | {name} | {medians[name]:.2f} ({min(r[0] for r in row):.2f} to {max(r[0] for r in row):.2f}) | {least[name]:.3f} | "
                  f"{medians[name] / medians[theirs]:.3f} | {least[name] / least[theirs]:.3f} |")
    print(f"\nOne thread, float32, {a.rounds} rounds in turns; load before {load:.1f}, after {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores.")


if __name__ == "__main__":
    main()
