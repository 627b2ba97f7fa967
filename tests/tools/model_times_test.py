#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/model_times.py with a program that counts its calls: the smallest time of all rounds, shipped and further models apart."""
import json
import stat
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, sys.argv.pop(1))
import cli_docs
import model_times

PROGRAM = """#!{python}
import json, os, pathlib
calls = pathlib.Path("{folder}/calls")
n = int(calls.read_text()) if calls.exists() else 0
calls.write_text(str(n + 1))
own = pathlib.Path(os.environ["XDG_DATA_HOME"]) / "mien/models/extra.onnx"
def row(name, file, ms):
    return dict(name=name, file=str(file), method="dan", weights_hash="ab", input=dict(width=64, color="grey"), parameters=3, multiply_adds=5, forward_ms=50.0, forward_least_ms=ms)
print(json.dumps([row("shipped", "{folder}/shipped.onnx", [9.0, 1.2345, 3.0][n]), row("extra", own, 7.0 + n)]))
"""


class Times(unittest.TestCase):
    def test_smallest_of_the_rounds(self):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch).resolve()
            program = folder / "mien"
            program.write_text(PROGRAM.format(python=sys.executable, folder=folder))
            program.chmod(program.stat().st_mode | stat.S_IXUSR)
            (folder / "shipped.onnx").write_bytes(b"x" * 4)
            (folder / "extra.onnx").write_bytes(b"x" * 6)
            result = model_times.times(program, [folder / "extra.onnx"], rounds=3)
        self.assertEqual(result["models"]["shipped"]["ms"], 1.23)
        self.assertEqual(result["models"]["shipped"]["bytes"], 4)
        self.assertEqual(result["others"]["extra"]["ms"], 7)
        self.assertEqual(result["rounds"], 3)
        self.assertEqual(json.loads(json.dumps(result)), result)

    def test_a_time_belongs_to_its_weights(self):
        time = {"ms": 1.25, "weights": "ab"}
        self.assertEqual(cli_docs.milliseconds(time, "ab"), "1.2")
        self.assertEqual(cli_docs.milliseconds(time, "cd"), "–")
        self.assertEqual(cli_docs.milliseconds(None, "ab"), "–")


if __name__ == "__main__":
    unittest.main()
