#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_portable.py OWN.onnx PORTABLE.onnx [--time]: two exports of one run with a selective scan, the second with --portable, in ONNX Runtime.
The first must be refused with the name of the missing operator; the second must give what OpenVINO's standard operators give. With --time: the
milliseconds of both programs for one picture, one thread, and the memory at its peak. Prints 'skipped' where a package is missing."""
import resource
import sys
import time

try:
    import numpy as np
    import onnx
    import onnxruntime
    import openvino
except ImportError as missing:
    print(f"skipped: {missing}; pip install onnx onnxruntime openvino")
    sys.exit(0)


def session(file):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def missing_operator(file):
    """What ONNX Runtime says of a file whose operator it lacks."""
    try:
        session(file)
    except Exception as error:  # a class of its own, which the package doesn't export
        return str(error)
    sys.exit(f"{file}: ONNX Runtime reads the file, although it has no selective scan.")


def milliseconds(run):
    run()
    times = []
    for _ in range(5):
        begin = time.process_time()
        run()
        times.append(time.process_time() - begin)
    return 1000 * min(times)


def main():
    own, portable = sys.argv[1:3]
    said = missing_operator(own)
    if "SelectiveScan" not in said or "mien" not in said:
        sys.exit(f"ONNX Runtime does not name the missing operator: {said}")
    print(f"missing operator: {said.strip()}")
    domains = {node.domain for node in onnx.load(portable).graph.node}
    if domains - {"", "ai.onnx"}:
        sys.exit(f"{portable}: operators of {domains}.")
    standard = session(portable)
    entry = standard.get_inputs()[0]
    x = np.random.default_rng(1).standard_normal([1, *entry.shape[1:]]).astype(np.float32)
    outputs = standard.run(None, {entry.name: x})
    model = openvino.Core().compile_model(portable, "CPU", {"INFERENCE_PRECISION_HINT": "f32", "INFERENCE_NUM_THREADS": 1})
    result = model(x)
    worst = max(float(np.linalg.norm(result[i] - a) / max(np.linalg.norm(a), 1e-30)) for i, a in enumerate(outputs))
    print(f"portable: {len(outputs)} outputs, largest relative difference between ONNX Runtime and OpenVINO {worst:.1e}")
    if not worst < 1e-4:
        sys.exit(1)
    if "--time" in sys.argv:
        print(f"portable: {milliseconds(lambda: standard.run(None, {entry.name: x})):.1f} ms of one core in ONNX Runtime, "
              f"{milliseconds(lambda: model(x)):.1f} ms in OpenVINO, {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB at most")


if __name__ == "__main__":
    main()
