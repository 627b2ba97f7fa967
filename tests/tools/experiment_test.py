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
import experiment_stats
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
        staged = [{"stage": stage, "loss": {}, "valid": {"skill": skill}} for stage, skill in (("a", 0.5), ("b", 0.3), ("b", 0.4), ("b", 0.2))]
        self.assertEqual(experiment.measured("valid.skill best in b", {}, staged), 0.4)
        self.assertIsNone(experiment.measured("valid.skill best in c", {}, staged))
        self.assertTrue(experiment_table.is_percent("record.clean_share.weak at 2"))
        self.assertFalse(experiment_table.is_percent("record.thresholds_weak.fear"))

    def test_a_difference_can_be_asked_for(self):
        rows = [{"data": "d", "variant": v, "seed": s, "m": m} for v, m in (("a", 0.80), ("b", 0.70)) for s in (0, 1)]
        expect = {"data": "d", "of": "a", "than": "b", "is": "higher", "measure": "m", "than_measure": "m"}
        for more, word in (({"by": 0.08}, "seen"), ({"by": 0.12}, "NOT seen"), ({"times": 1.1}, "seen"), ({"times": 1.2}, "NOT seen")):
            self.assertEqual(experiment_table.judge({}, rows, {**expect, **more}), (word, None))

    def test_words_for_measures(self):
        for measure, words in {"accuracy": "valid accuracy, %", "valid.accuracy best in b": "validation accuracy, b, %", "valid.accuracy over 3": "validation accuracy, mean of the last 3 validations, %",
                               "record.clean_precision.weak at 6": "right among the selected labels, epoch 6, %", "kl": "kl"}.items():
            self.assertEqual(experiment_table.head_of(measure, "valid"), words)

    def test_runs_every_cell_once_and_tells_mean_and_deviation(self):
        text = self.run_it()
        self.assertIn("| as packed | fused | 71.00 ± 1.41 | 0.400 ± 0.000 | 0.250 ± 0.000 | 0.5 |", text)
        self.assertIn("| nearer to the votes | seen | 71.00 against 71.00: +0.00 [+0.00, +0.00], above in 0 of 2 | – | "
                      "test KL(votes ‖ prediction), nats: 0.400 ± 0.000 against 0.600 ± 0.000: −0.200 [−0.200, −0.200], below in 2 of 2 |", text)
        self.assertIn("best on the validation part, whose labels are right", text)
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
        self.assertIn("| wrong labels memorised, % | as packed | 20 % flipped |\n|---|---|---|\n| one label | 75.00 ± 0.00 | 75.00 ± 0.00 |", text)
        self.assertIn("| validation accuracy, mean of the last 5 validations, % | as packed | 20 % flipped |\n|---|---|---|\n| one label | 30.00 ± 0.00 |", text)
        self.assertIn("| fused | 0.5 | 0.5 |", text)
        self.assertIn("| by heart | seen | 71.00 ± 1.41 | – | wrong labels memorised, %: 75.00 ± 0.00 [75.00, 75.00]; asked: above 50 |", text)

    def test_a_pack_to_evaluate_on_alone(self):
        spec = SPEC.replace('noise = ["--rate", "0.2"]', 'occlude = ["--kind", "mask"]\ntrained_on = "as packed"').replace('"kl"]', '"accuracy_drop"]')
        Path("e.toml").write_text(spec.replace("seeds", 'by = "pose"\nseeds', 1))
        self.run_it()
        calls = Path("calls.txt").read_text()
        self.assertEqual(calls.count(" train "), 4)  # two variants, two seeds, once
        self.assertEqual(calls.count(" data occlude x.pack -o runs/experiments/e/20-flipped.pack --kind mask"), 1)
        self.assertEqual(calls.count("--by pose --split test"), 4)
        self.assertEqual(calls.count("eval runs/train/e-as-packed-fused-s1 --by pose --data runs/experiments/e/20-flipped.pack --split test"), 1)
        rows = [json.loads(line) for line in Path("runs/experiments/e/results.jsonl").read_text().splitlines()]
        self.assertEqual([row["accuracy_drop"] for row in rows if row["data"] == "20 % flipped"], [0, 0, 0, 0])
        self.assertEqual({row["accuracy_drop"] for row in rows if row["data"] == "as packed"}, {None})
        self.run_it()
        self.assertEqual(Path("calls.txt").read_text(), calls)  # nothing left to do
        for old, new in (('"as packed"\n[[v', '"elsewhere"\n[[v'), ('occlude = [', 'warp = []\nocclude = [')):
            Path("e.toml").write_text(spec.replace(old, new))
            with self.assertRaisesRegex(experiment.ExperimentError, "data"):
                experiment.read_experiment(Path("e.toml"))

    def test_teachers_are_an_entry_of_the_data(self):
        Path("e.toml").write_text(SPEC.replace('noise = ["--rate", "0.2"]', 'distil = ["--teacher", "a.onnx"]'))
        self.run_it("--on", "20 % flipped")
        calls = Path("calls.txt").read_text()
        self.assertEqual(calls.count(" data distil x.pack -o runs/experiments/e/20-flipped.pack --teacher a.onnx"), 1)
        self.assertEqual(calls.count("data.pack=runs/experiments/e/20-flipped.pack --set train.seed"), 4)  # no list of right labels

    def test_places_in_what_eval_prints(self):
        judged = {"by": {"yaw": {"mean_accuracy": 0.5, "groups": [{"name": "-60", "accuracy": 0.25}, {"name": "0", "accuracy": 0.75}]}}}
        for measure, value in {"by.yaw.mean_accuracy": 0.5, "by.yaw.groups.-60.accuracy": 0.25,
                               "by.yaw.groups.0.accuracy minus by.yaw.groups.-60.accuracy": 0.5, "by.yaw.groups.30.accuracy": None}.items():
            self.assertEqual(experiment.measured(measure, judged, [{"loss": {}}]), value)

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

    def test_a_variant_begins_with_the_stages_of_another_one(self):
        shared = 'name = "fused"\nfrom = "one label"\nafter = "inversion"\nstages = ["recognition"]\nset = ["b=2"]\n'
        spec = SPEC.replace('name = "fused"\n', shared, 1)
        Path("e.toml").write_text(spec)
        with self.assertRaisesRegex(experiment.ExperimentError, "best-inversion.safetensors is missing: train the variant 'one label' first"):
            self.run_it("--only", "fused")
        for data in ("as-packed", "20-flipped"):
            for seed in (0, 1):
                folder = Path(f"runs/train/e-{data}-one-label-s{seed}")
                folder.mkdir(parents=True)
                (folder / "best-inversion.safetensors").touch()
        self.run_it()
        calls = Path("calls.txt").read_text()
        self.assertEqual(calls.count(" train "), 8)
        self.assertIn('train base.toml --init runs/train/e-as-packed-one-label-s1/best-inversion.safetensors --set name=e-as-packed-fused-s1', calls)
        self.assertEqual(calls.count('--set b=2 --set train.stages=["recognition"]'), 4)
        self.assertEqual(calls.count("--init "), 4)
        self.assertNotIn("--lenient", calls)
        Path("e.toml").write_text(spec.replace('after =', 'lenient = true\nafter ='))
        self.run_it("--name", "again", "--only", "one label")
        Path("runs/train/again-as-packed-one-label-s0/best-inversion.safetensors").touch()
        with self.assertRaisesRegex(experiment.ExperimentError, "again-20-flipped-one-label-s0/best-inversion"):
            self.run_it("--name", "again")
        self.assertIn("--init runs/train/again-as-packed-one-label-s0/best-inversion.safetensors --lenient --set", Path("calls.txt").read_text())

    def test_mistakes_about_shared_stages_are_named(self):
        for more, word in (('from = "one label"\nafter = "x"\n', "needs after and stages"), ('from = "one label"\nstages = ["y"]\n', "needs after and stages"),
                           ('from = "fused"\nafter = "x"\nstages = ["y"]\n', "no earlier variant"), ('after = "x"\n', "no from"), ('lenient = true\n', "no from")):
            Path("e.toml").write_text(SPEC.replace('name = "fused"\n', f'name = "fused"\n{more}', 1))
            with self.assertRaisesRegex(experiment.ExperimentError, word):
                experiment.read_experiment(Path("e.toml"))

    def test_the_trunk_can_have_another_use(self):
        Path("e.toml").write_text(SPEC.replace('seeds', 'subset = ["--samples", "9"]\nseeds', 1) + '[trunk]\nconfig = "other.toml"\nas = "init.features"\n')
        self.run_it("--only", "fused")
        calls = Path("calls.txt").read_text()
        self.assertEqual(calls.count("--set init.features=runs/train/e-trunk/best.safetensors"), 4)
        self.assertNotIn("init.backbone", calls)

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
        earlier = [{"loss": {}, "valid_terms": {"l2": 0.3}}, {"loss": {}, "valid_terms": {"l2": 0.2}}, {"loss": {}}]  # a later stage lacks it
        self.assertEqual(experiment.measured("valid_terms.l2 over 1", {}, earlier), 0.2)
        self.assertIsNone(experiment.measured("valid_terms.l2", {}, earlier))
        self.assertIsNone(experiment.measured("valid.accuracy", {}, rows))  # not in the last epoch
        self.assertIsNone(experiment.measured("noise.memorised", {}, rows))

    def test_an_interrupted_run_is_resumed(self):
        Path("stop").touch()
        with self.assertRaises(KeyboardInterrupt):
            self.run_it()
        Path("stop").unlink()
        self.run_it()
        self.assertIn("train --resume runs/train/e-as-packed-one-label-s0", Path("calls.txt").read_text())

    def test_the_interval_of_paired_differences_decides(self):
        def rows(a, b):
            return [{"data": "d", "variant": v, "seed": s, "m": m} for v, values in (("a", a), ("b", b)) for s, m in enumerate(values)]
        expect = {"data": "d", "measure": "m", "than_measure": "m", "of": "a", "is": "higher", "than": "b"}
        # The runs of one variant scatter by more than the difference; paired by seed it is -1 three times.
        apart = rows((10, 20, 30), (11, 21, 31))
        self.assertEqual(experiment_table.judge({}, apart, expect)[0], "NOT seen")
        self.assertEqual(experiment_table.judge({}, apart, {**expect, "is": "lower"})[0], "seen")
        # The gate as a card writes it passes all the same: 1 is less than a standard deviation of 10.
        self.assertEqual(experiment_table.judge({}, apart, {**expect, "within": 1.0}), ("NOT seen", True))
        self.assertEqual(experiment_table.judge({}, apart, {**expect, "within": 0.05}), ("NOT seen", False))
        # Differences 1, 2, 3: 2 ± 4.303 / sqrt(3).
        wide = rows((11, 22, 33), (10, 20, 30))
        self.assertEqual(experiment_table.judge({}, wide, expect)[0], "not decided")
        self.assertEqual(experiment_table.shown_difference("m", experiment_table.difference_of(wide, expect)), "+2.000 [−0.484, +4.484], above in 3 of 3")
        self.assertEqual(experiment_table.judge({}, rows((1,), (2,)), expect)[0], "one run, not decided")
        self.assertEqual(experiment_table.judge({}, wide, {**expect, "than": "c"}), ("not run", None))
        # Only seeds that both sides have are compared.
        self.assertEqual(experiment_table.difference_of(wide[:-1], expect).values, (1, 2))

    def test_differences_of_three_runs(self):
        # FDRL against its backbone, 112 px: mean -0.30667, standard deviation 0.15373.
        difference = experiment_stats.paired({0: 10.0, 1: 10.0, 2: 10.0, 9: 0.0}, {0: 10.13, 1: 10.41, 2: 10.38})
        self.assertAlmostEqual(difference.mean, -0.30667, places=5)
        self.assertAlmostEqual(difference.deviation, 0.15373, places=5)
        self.assertAlmostEqual(difference.interval[0], -0.68859, places=4)
        self.assertAlmostEqual(difference.interval[1], 0.07525, places=4)
        self.assertEqual(difference.side, ("below", 3))
        self.assertEqual(experiment_stats.verdict(difference), "not decided")
        self.assertIsNone(experiment_stats.paired({0: 1.0}, {1: 1.0}))

    def test_nothing_follows_from_a_constant_answer(self):
        # 3137 pictures: 36 % is 34.32 to 37.68 %, 37 % is 35.31 to 38.69 %.
        self.assertTrue(experiment_stats.above_by_chance(0.36, 0.3452, 3137))
        self.assertFalse(experiment_stats.above_by_chance(0.37, 0.3452, 3137))
        spec = {"floor": {"accuracy": 34.52, "pictures": 3137}, "split": "test", "data": [{"name": "d"}], "variant": [{"name": "a"}, {"name": "b"}]}
        rows = [{"data": "d", "variant": v, "seed": s, "accuracy": m, "noise.memorised": m} for v, m in (("a", 0.60), ("b", 0.36)) for s in (0, 1)]
        expect = {"data": "d", "measure": "accuracy", "than_measure": "accuracy", "of": "a", "is": "higher", "than": "b"}
        self.assertEqual(experiment_table.judge(spec, rows, expect)[0], "shows nothing: the baseline did not learn")
        self.assertEqual(experiment_table.judge(spec, rows, {**expect, "untrained": True})[0], "seen")
        self.assertEqual(experiment_table.judge(spec, rows, {**expect, "of": "b", "than": "a"})[0], "NOT seen")
        memorised = {**expect, "measure": "noise.memorised", "than_measure": "noise.memorised"}
        self.assertEqual(experiment_table.judge(spec, rows, memorised)[0], "seen")
        self.assertIn("not clearly above it: b. Nothing", experiment_table.floor_note(spec, rows)[1])

    def test_a_detector_has_the_floor_of_its_own_boxes(self):
        spec = {"floor": {"measure": "map50", "above": "commonest.map50"}, "split": "test", "data": [{"name": "d"}], "variant": [{"name": "a"}, {"name": "b"}],
                "measures": ["map50", "map50_95", "commonest.map50"], "expect": []}
        rows = [{"data": "d", "variant": v, "seed": s, "map50": m, "map50_95": m / 2, "commonest.map50": 0.1} for v, m in (("a", 0.30), ("b", 0.09)) for s in (0, 1)]
        expect = {"text": "a over b", "data": "d", "measure": "map50", "than_measure": "map50", "of": "a", "is": "higher", "than": "b"}
        self.assertEqual(experiment_table.judge(spec, rows, expect)[0], "shows nothing: the baseline did not learn")
        for row in rows:
            row["commonest.map50"] = 0.05
        self.assertEqual(experiment_table.judge(spec, rows, expect)[0], "seen")
        self.assertIn("Every run is clearly above it.", experiment_table.floor_note(spec, rows)[1])
        lines = experiment_table.expected_table({**spec, "expect": [expect]}, rows)
        self.assertEqual(lines[0], "| expected | seen? | test mAP50, % | test mAP50:95, % | decided by |")
        self.assertIn("30.00 against 9.00", lines[2])
        self.assertEqual(experiment_table.head_of("map50 minus commonest.map50"), "test mAP50 above that floor, %")

    def test_a_probe_adds_measures(self):
        Path("probe.py").write_text("import json, sys; print(json.dumps({'words': len(sys.argv)}))")
        spec = SPEC.replace('"kl"]', '"probe.words"]').replace("seeds", f'probe = "{os.getcwd()}/probe.py"\nseeds', 1)
        Path("e.toml").write_text(spec)
        self.assertIn("| as packed | fused | 71.00 ± 1.41 | 0.400 ± 0.000 | 5.000 ± 0.000 |", self.run_it())
        Path("e.toml").write_text(spec.replace("probe.py", "none.py"))
        with self.assertRaisesRegex(experiment.ExperimentError, "none.py"):
            self.run_it()

    def test_mistakes_in_the_file_are_named(self):
        for old, new, word in (('of = "fused"', 'of = "fusd"', "fusd"), ('is = "lower"', 'is = "less"', "less"), ("seeds = [0, 1]", "seeds = []", "seeds"), ('name = "fused"', 'name = "One label"', "same name"), ('config = "base.toml"', "", "one label"),
                               ('"base.toml"', '"none.toml"', "none.toml"), ('"kl"]', '"kl over x"]', "kl over x"), ('title', 'layout = "row"\ntitle', "'row'"),
                               ('[[data]]', '[floor]\naccuracy = 30\n[[data]]', "pictures")):
            Path("e.toml").write_text(SPEC.replace(old, new, 1))
            with self.assertRaisesRegex(experiment.ExperimentError, word):
                experiment.read_experiment(Path("e.toml"))


if __name__ == "__main__":
    unittest.main()
