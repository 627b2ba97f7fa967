#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/experiment.py with programs that only pretend: what it runs, what it keeps, what it computes."""
import contextlib
import io
import json
import os
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, sys.argv.pop(1))
import experiment
import experiment_table

SPEC = """
title = "Two variants"
config = "base.toml"
seeds = [0, 1]
measures = ["accuracy", "kl_votes", "kl"]
[[data]]
name = "as packed"
[[data]]
name = "20 % flipped"
noise = ["--rate", "0.2"]
[[variant]]
name = "one label"
set = ["a=1"]
[[variant]]
name = "fused"
[[expect]]
text = "nearer to the votes"
measure = "kl_votes"
of = "fused"
is = "lower"
than = "one label"
"""

FAKE = """#!/bin/sh
echo "$0 $*" >>calls.txt
case $1 in
  data) : >"$5"; test "$6" != --rest || : >"$7" ;;
  train) name=$(echo "$*" | sed -n 's/.*name=\\([^ ]*\\).*/\\1/p'); [ -n "$name" ] && mkdir -p runs/train/$name && : >runs/train/$name/last.safetensors \\
         && printf '%s\\n' '{"seconds": 15, "loss": {"kl": 0.5}, "valid": {"accuracy": 0.2}}' '{"seconds": 15, "loss": {"kl": 0.25}, "valid": {"accuracy": 0.4}, "noise": {"memorised": 0.75}, "record": {}}' >runs/train/$name/metrics.jsonl; test ! -e stop || exit 130 ;;
  eval) case $2 in *fused*) kl=0.4 ;; *) kl=0.6 ;; esac; case $2 in *s0) a=0.70 ;; *) a=0.72 ;; esac; echo "{\\"accuracy\\": $a, \\"kl_votes\\": $kl}" ;;
esac
"""


class Experiment(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.before = os.getcwd()
        os.chdir(self.folder.name)
        Path("e.toml").write_text(SPEC)
        for name in ("base.toml", "other.toml"):
            Path(name).touch()
        for name in ("mien", "mien-lab"):
            Path(name).write_text(FAKE)
            Path(name).chmod(0o755)

    def tearDown(self):
        os.chdir(self.before)
        self.folder.cleanup()

    def run_it(self, *more):
        sys.argv = ["experiment.py", "e.toml", "--data", "x.pack", "--bin", ".", *more]
        with contextlib.redirect_stdout(io.StringIO()) as out:
            experiment.main()
        return out.getvalue()

    def test_measures_reach_into_single_epochs(self):
        epochs = [{"epoch": n, "loss": {"kl": n / 10}, "record": {"clean_share": {"weak": n}}} for n in (1, 2, 3)]
        for name, value in {"record.clean_share.weak": 3, "record.clean_share.weak at 2": 2, "record.clean_share.weak at 9": None, "loss.kl at 1": 0.1}.items():
            self.assertEqual(experiment.measured(name, {}, epochs), value)
        self.assertTrue(experiment_table.is_percent("record.clean_share.weak at 2"))
        self.assertFalse(experiment_table.is_percent("record.thresholds_weak.fear"))

    def test_a_difference_can_be_asked_for(self):
        rows = [{"data": "d", "variant": v, "seed": s, "m": m} for v, m in (("a", 0.80), ("b", 0.70)) for s in (0, 1)]
        expect = {"data": "d", "of": "a", "than": "b", "is": "higher", "measure": "m", "than_measure": "m"}
        self.assertTrue(experiment_table.judge(rows, {**expect, "by": 0.08})[0])
        self.assertFalse(experiment_table.judge(rows, {**expect, "by": 0.12})[0])

    def test_runs_every_cell_once_and_tells_mean_and_deviation(self):
        text = self.run_it()
        self.assertIn("| as packed | fused | 71.00 ± 1.41 | 0.400 ± 0.000 | 0.250 ± 0.000 | 0.5 |", text)
        self.assertIn("| nearer to the votes | seen: fused 0.400 ± 0.000, one label 0.600 ± 0.000 |", text)
        calls = Path("calls.txt").read_text()
        self.assertEqual(calls.count(" train "), 8)
        self.assertEqual(calls.count(" data noise x.pack"), 1)
        self.assertEqual(len(Path("runs/experiments/e/results.jsonl").read_text().splitlines()), 8)
        self.assertIn("data.pack=runs/experiments/e/20-flipped.pack --set data.truth=runs/experiments/e/20-flipped.pack.truth.csv", calls)
        self.run_it()
        self.assertEqual(Path("calls.txt").read_text(), calls)  # nothing left to do

    def test_assignments_for_all_and_another_name(self):
        self.run_it("--set", "input.size=48", "--name", "quick", "--only", "fused")
        calls = Path("calls.txt").read_text()
        self.assertEqual(calls.count("--set input.size=48"), 4)
        self.assertNotIn("one-label", calls)
        self.assertIn("Two variants; here with input.size=48 (test part", Path("runs/experiments/quick/table.md").read_text())

    def test_variants_of_several_methods_over_columns_of_data(self):
        spec = SPEC.replace('config = "base.toml"', 'layout = "columns"\nset = ["train.epochs=2"]').replace('set = ["a=1"]', 'set = ["a=1"]\nconfig = "base.toml"')
        spec = spec.replace('name = "fused"', 'name = "fused"\nconfig = "other.toml"', 1).replace('"kl"]', '"kl", "noise.memorised", "valid.accuracy over 5"]')
        spec += '[[expect]]\ntext = "by heart"\ndata = "20 % flipped"\nmeasure = "noise.memorised"\nof = "fused"\nis = "higher"\nthan = 50\n'
        Path("e.toml").write_text(spec)
        text = self.run_it("--set", "b=2")
        calls = Path("calls.txt").read_text()
        self.assertEqual(calls.count("train base.toml"), 4)
        self.assertEqual(calls.count("train other.toml"), 4)
        self.assertIn("--set train.epochs=2 --set b=2 --set a=1", calls)
        self.assertIn("| noise.memorised % | as packed | 20 % flipped |\n|---|---|---|\n| one label | 75.00 ± 0.00 | 75.00 ± 0.00 |", text)
        self.assertIn("| valid.accuracy over 5 % | as packed | 20 % flipped |\n|---|---|---|\n| one label | 30.00 ± 0.00 |", text)
        self.assertIn("| fused | 0.5 | 0.5 |", text)
        self.assertIn("| by heart | seen: fused 75.00 ± 0.00, asked 50.00 |", text)

    def test_part_of_the_cells(self):
        self.run_it("--on", "20 % flipped", "--only", "fused")
        self.assertEqual(Path("calls.txt").read_text().count(" train "), 2)
        for words in (("--on", "20 %"), ("--only", "both")):
            with self.assertRaisesRegex(experiment.ExperimentError, words[1]):
                self.run_it(*words)

    def test_a_trunk_is_trained_once_on_what_the_subset_leaves(self):
        Path("e.toml").write_text(SPEC.replace('seeds', 'subset = ["--samples", "9"]\nseeds', 1) + '[trunk]\nconfig = "other.toml"\nset = ["c=3"]\n')
        self.run_it()
        calls = Path("calls.txt").read_text()
        self.assertEqual(calls.count(" data subset x.pack -o runs/experiments/e/subset.pack --rest runs/experiments/e/rest.pack --samples 9"), 1)
        self.assertEqual(calls.count("train other.toml --set name=e-trunk --set data.pack=runs/experiments/e/rest.pack --set c=3"), 1)
        self.assertEqual(calls.count("--set data.pack=runs/experiments/e/subset.pack"), 4)
        self.assertIn("data noise runs/experiments/e/subset.pack", calls)
        self.assertEqual(calls.count("--set init.backbone=runs/train/e-trunk/best.safetensors"), 8)
        self.assertNotIn("x.pack --set", calls)
        self.run_it()
        self.assertEqual(Path("calls.txt").read_text(), calls)  # nothing left to do
        Path("e.toml").write_text(SPEC + '[trunk]\nconfig = "other.toml"\n')
        with self.assertRaisesRegex(experiment.ExperimentError, "subset"):
            self.run_it()

    def test_cells_that_are_still_to_come_are_told(self):
        self.run_it()
        rows = [json.loads(line) for line in Path("runs/experiments/e/results.jsonl").read_text().splitlines()][:-1]
        text = experiment_table.table(experiment.read_experiment(Path("e.toml")), rows)
        self.assertIn("| 20 % flipped | fused | 70.00 | 0.400 | 0.250 | 0.5 (1 of 2 seeds) |", text)

    def test_what_a_run_does_not_log_is_none(self):
        rows = [{"loss": {"kl": 1.0}, "valid": {"accuracy": 0.5}}, {"loss": {"kl": 2.0}}]
        self.assertEqual(experiment.measured("kl", {}, rows), 2.0)
        self.assertEqual(experiment.measured("kl", {"kl": 3.0}, rows), 3.0)
        self.assertEqual(experiment.measured("valid.accuracy over 3", {}, rows), 0.5)
        self.assertIsNone(experiment.measured("valid.accuracy", {}, rows))  # not in the last epoch
        self.assertIsNone(experiment.measured("noise.memorised", {}, rows))

    def test_an_interrupted_run_is_resumed(self):
        Path("stop").touch()
        with self.assertRaises(KeyboardInterrupt):
            self.run_it()
        Path("stop").unlink()
        self.run_it()
        self.assertIn("train --resume runs/train/e-as-packed-one-label-s0", Path("calls.txt").read_text())

    def test_a_worse_value_is_told(self):
        rows = [{"data": "d", "variant": v, "seed": s, "kl_votes": k + s / 10} for v, k in (("a", 0.5), ("b", 0.5)) for s in (0, 1)]
        expect = {"data": "d", "measure": "kl_votes", "than_measure": "kl_votes", "of": "a", "is": "lower", "than": "b"}
        self.assertIn("not decided", experiment_table.judge(rows, expect)[1])  # equal is not lower
        self.assertIn("NOT seen", experiment_table.judge([{**r, "kl_votes": r["kl_votes"] + (r["variant"] == "a")} for r in rows], expect)[1])
        self.assertTrue(experiment_table.judge(rows, {**expect, "within": 1.0})[0])
        self.assertIsNone(experiment_table.judge(rows, {**expect, "than": "c"})[0])
        self.assertIn("decides nothing", experiment_table.judge([{**r, "kl_votes": r["kl_votes"] + (r["variant"] == "b")} for r in rows if r["seed"] == 0], expect)[1])

    def test_mistakes_in_the_file_are_named(self):
        for old, new, word in (('of = "fused"', 'of = "fusd"', "fusd"), ('is = "lower"', 'is = "less"', "less"), ("seeds = [0, 1]", "seeds = []", "seeds"), ('name = "fused"', 'name = "One label"', "same name"), ('config = "base.toml"', "", "one label"),
                               ('"base.toml"', '"none.toml"', "none.toml"), ('"kl"]', '"kl over x"]', "kl over x"), ('title', 'layout = "row"\ntitle', "'row'")):
            Path("e.toml").write_text(SPEC.replace(old, new, 1))
            with self.assertRaisesRegex(experiment.ExperimentError, word):
                experiment.read_experiment(Path("e.toml"))


if __name__ == "__main__":
    unittest.main()
