#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The runner fails where it must: a test that cannot fail proves nothing."""
import os
import tempfile
import unittest
from pathlib import Path

from run_case import SKIPPED, CaseError, parse, run_case


def outcome(text, **values):
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "a.case"
        case.write_text(text)
        return run_case(case, values, dict(os.environ), talk=lambda _: None)


class RunCaseTest(unittest.TestCase):
    def test_passes(self):
        self.assertEqual(outcome("description: d\nsetup: echo hello > a.txt\nrun: cat {tmp}/a.txt\nstdout: ^hel+o$\nnot-stdout: bye\n"
                                 "exists: a.txt\nabsent: b.txt\nrun: echo no >&2; exit 3\nexit: 3\nstderr: no\n"), 0)

    def test_json(self):
        self.assertEqual(outcome("""description: d\nrun: echo '{"a": [1, 2]}'\njson: out["a"][1] == 2\n"""), 0)
        self.assertEqual(outcome("""description: d\nrun: echo '{"a": [1, 2]}'\njson: out["b"] == 2\n"""), 1)
        self.assertEqual(outcome("description: d\nrun: echo words\njson: True\n"), 1)
        self.assertEqual(outcome("""description: d\nrun: printf '{"a":1}\\n{"a":2}\\n'\njsonl: [r["a"] for r in out] == [1, 2]\n"""), 0)

    def test_each_expectation_can_fail(self):
        for wrong in ("exit: 1", "stdout: y", "stderr: y", "not-stdout: x", "exists: x", "absent: a.txt", "json: False"):
            self.assertEqual(outcome(f"description: d\nsetup: touch a.txt\nrun: echo x\n{wrong}\n"), 1, wrong)

    def test_unfinished_file_crash_and_time_limit(self):
        self.assertEqual(outcome("description: d\nrun: touch model.onnx.tmp.12\n"), 1)
        self.assertEqual(outcome("description: d\nrun: kill -SEGV $$\nexit: -11\n"), 1)
        self.assertEqual(outcome("description: d\nrun: sleep 5\ntimeout: 1\n"), 1)

    def test_failed_program_before_a_pipe_shows(self):
        self.assertEqual(outcome("description: d\nrun: false | cat\n"), 1)

    def test_skips_what_needs_more(self):
        self.assertEqual(outcome("description: d\nneeds: mien\nrun: true\n", mien="/nonexistent"), SKIPPED)

    def test_refuses_wrong_cases(self):
        for text in ("run: true\n", "description: d\n", "description: d\nrum: true\n", "description: d\nexit: 0\nrun: true\n", "words\n",
                     "description: d\nrun: true\nstdout: a(\n"):
            with self.assertRaises(CaseError, msg=text):
                parse(text)


if __name__ == "__main__":
    unittest.main()
