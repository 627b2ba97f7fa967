#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""tools/result_pages.py and tools/result_row.py on a small project: tables from rows, and each way in which page, row and output can differ."""
import contextlib
import io
import json
import struct
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, sys.argv.pop(1))
import occlusion
import result_models
import result_pages
import result_row

SPEC = """
title = "Two variants"
config = "base.toml"
seeds = [0, 1, 2]
measures = ["accuracy", "mean_recall", "weight"]
[[variant]]
name = "whole"
[[variant]]
name = "part"
[[variant]]
name = "never run"
[[expect]]
text = "the whole is better"
measure = "accuracy"
of = "whole"
is = "higher"
than = "part"
"""
PAGE = """# Results
<!-- rows: cells spec=e.toml rows=e.jsonl measures=accuracy -->
old
<!-- end of rows -->
Accuracy was 71.5 % ([kept](results/kept.txt)).
<!-- rows: expected spec=e.toml rows=e.jsonl -->
<!-- end of rows -->
<!-- rows: models table=others -->
<!-- end of rows -->
"""
KEPT = "x on y, test, labels by rule majority\naccuracy      71.50 %  (95 % interval 70.00 % to 73.00 %)\nmean recall   40.00 %\nECE           2.00 %\n" \
       "NLL           0.4 nats; KL from the label distribution 0.5000\n"
FIGURES = {"split": "test", "accuracy": 0.715, "accuracy_interval": [0.70, 0.73], "mean_recall": 0.4, "ece": 0.02, "kl_votes": 0.5}


class Occlusion(unittest.TestCase):
    def test_models_and_kinds(self):
        row = {"model": "a", "kind": "none", "samples": 9, "accuracy": 0.8, "accuracy_interval": [0.7, 0.9], "mean_recall": 0.5}
        with tempfile.TemporaryDirectory() as folder:
            rows = Path(folder) / "o.jsonl"
            rows.write_text(json.dumps(row) + "\n" + json.dumps({**row, "kind": "mask", "accuracy": 0.4}) + "\n")
            lines = occlusion.occlusion_table(rows)
        self.assertEqual(lines[0], "| test accuracy, % [95 %] | uncovered | square | eyes | mouth | face mask |")
        self.assertEqual(lines[2], "| a | 80.0 [70.0, 90.0] | – | – | – | 40.0 [70.0, 90.0] |")
        self.assertEqual(lines[6], "| a | 50.0 | – | – | – | 50.0 |")


class Pages(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = Path(self.folder.name)
        self.results = self.root / "docs/results"
        self.results.mkdir(parents=True)
        (self.root / "e.toml").write_text(SPEC)
        (self.root / "base.toml").touch()
        rows = [{"data": "labels as packed", "variant": v, "seed": s, "seconds": 60, "accuracy": a, "mean_recall": a / 2, "weight": 0.1}
                for v, values in (("whole", (0.73, 0.72, 0.74)), ("part", (0.70, 0.70, 0.70))) for s, a in enumerate(values)]
        (self.results / "e.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        (self.results / "kept.txt").write_text(KEPT)
        (self.results / "m-metrics.jsonl").write_text('{"stage": "main", "epoch": 1, "seconds": 60, "valid": {"accuracy": 0.8}}\n'
                                                      '{"stage": "main", "epoch": 2, "seconds": 120, "valid": {"accuracy": 0.79}}\n')
        self.models = [{"table": "others", "name": "base", "input": "48 px grey", "stages": [{"metrics": "m-metrics.jsonl"}], "test": FIGURES, "kept": ["kept.txt"]},
                       {"table": "others", "name": "new", "input": "48 px grey", "parameters": 1250000, "against": "base", "stages": [{"metrics": "m-metrics.jsonl"}],
                        "test": {**FIGURES, "accuracy": 0.705, "mean_recall": 0.42}}]
        self.write_models()
        for name in ("results.md", "experiments.md"):
            (self.root / "docs" / name).write_text(PAGE if name == "results.md" else "# Empty\n")

    def tearDown(self):
        self.folder.cleanup()

    def write_models(self):
        (self.results / "ferplus.jsonl").write_text("".join(json.dumps(row) + "\n" for row in self.models))

    def call(self, tool, *words):
        sys.argv = ["tool", *words, "--root", str(self.root)]
        with contextlib.redirect_stdout(io.StringIO()) as out:
            code = tool.main()
        return code, out.getvalue()

    def page(self):
        return (self.root / "docs/results.md").read_text()

    def test_tables_are_written_from_rows(self):
        self.assertEqual(self.call(result_pages)[0], 0)
        page = self.page()
        self.assertIn("| labels as packed | whole | 73.00 ± 1.00 |\n| labels as packed | part | 70.00 ± 0.00 |\n<!-- end", page)
        # Differences 3, 2, 4 points: 3 ± 4.303 / sqrt(3).
        self.assertIn("| the whole is better | seen | 73.00 against 70.00: +3.00 [+0.52, +5.48], above in 3 of 3 | "
                      "36.50 against 35.00: +1.50 [+0.26, +2.74], above in 3 of 3 | test accuracy, % |", page)
        self.assertIn("| new | 70.5 [70.0, 73.0] | 42.0 | −1.0 | +2.0 | 2.0 | 0.500 | – | 80.0 | 48 px grey | 1.25 M | 2 | 3 |", page)
        self.assertIn("baseline of new: base.", page)
        self.assertNotIn("never run", page)
        self.assertEqual(self.call(result_pages, "--check"), (0, "0 findings\n"))

    def test_a_changed_page_or_row_is_found(self):
        self.call(result_pages)
        (self.root / "docs/results.md").write_text(self.page().replace("73.00 ± 1.00", "74.00 ± 1.00"))
        code, text = self.call(result_pages, "--check")
        self.assertEqual(code, 1)
        self.assertIn("results.md: its tables are not what the rows give", text)
        self.call(result_pages)
        (self.results / "e.jsonl").write_text((self.results / "e.jsonl").read_text().replace("0.74", "0.75"))
        self.assertEqual(self.call(result_pages, "--check")[0], 1)

    def test_a_row_that_differs_from_its_output_is_found(self):
        self.call(result_pages)
        self.models[0]["test"] = {**FIGURES, "mean_recall": 0.41}
        self.write_models()
        self.assertEqual(list(result_models.unkept(self.results)), ["ferplus.jsonl: no output in kept.txt has the test figures of 'base'"])

    def test_a_figure_without_a_kept_output_is_found(self):
        self.call(result_pages)
        page = self.root / "docs/results.md"
        self.assertEqual(list(result_pages.loose_figures(page)), [])
        page.write_text(self.page() + "\nIt took 12.5 s, `0.3` of that for 71.50 %; 3,137 pictures.\n")
        self.assertEqual([finding.split(" in ")[0] for finding in result_pages.loose_figures(page)], ["results.md: 12.5"])
        page.write_text(self.page() + "\n## Elsewhere\n71.5 %\n")
        self.assertIn("## Elsewhere", list(result_pages.loose_figures(page))[-1])

    def test_roundings(self):
        for figure, number, expected in (("71.5", 71.48, True), ("71.5", 0.7148, True), ("71.5", 71.40, False), ("3.7e-6", 3.72e-06, True), ("3.7e-6", 3.72e-05, False)):
            self.assertEqual(result_pages.is_rounding(figure, [number]), expected)

    def test_a_wrong_marker_is_named(self):
        for what, word in (("tables spec=e.toml", "tables"), ("cells spec=e.toml rows=e.jsonl", "measures")):
            with self.assertRaisesRegex(result_pages.PageError, word):
                result_pages.lines_of(self.root, what)

    def test_class_distributions_beside_the_votes(self):
        (self.results / "votes.json").write_text(json.dumps({"classes": ["a", "b", "c"], "mean_votes": [[0.8, 0.05, 0.15], [0.2, 0.7, 0.1], [0.1, 0.3, 0.6]]}))
        learnt = [[[1, 0, 0]] * 3, [[0.7, 0.2, 0.1], [0.15, 0.7, 0.15], [0.25, 0.25, 0.5]]]
        rows = [{"valid": {"accuracy": accuracy}, "record": {"class_distributions": table}} for accuracy, table in zip((0.5, 0.6), learnt)]
        (self.results / "d.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        # The second epoch is the better one; its rows of b and c are still flat beside their own share.
        self.assertEqual(result_models.distributions_table(self.results, "d.jsonl", None, "votes.json")[2:],
                         ["| a | 0.700 | b 0.200 | 0.800 | c 0.150 |", "| b | threshold not reached | – | 0.700 | a 0.200 |",
                          "| c | threshold not reached | – | 0.600 | b 0.300 |"])

    def test_a_run_becomes_a_row(self):
        run = self.root / "runs/vit"
        run.mkdir(parents=True)
        (run / "config.toml").write_text("method = 'vit-se'\n[input]\nsize = 64\nmean = [0.5]\n")
        (run / "metrics.jsonl").write_text((self.results / "m-metrics.jsonl").read_text())
        header = json.dumps({"__metadata__": {}, "a.weight": {"shape": [3, 4]}, "a.bias": {"shape": []}, "n.running_var": {"shape": [9]}}).encode()
        (run / "best.safetensors").write_bytes(struct.pack("<Q", len(header)) + header)
        test = self.root / "test.json"
        test.write_text(json.dumps({**FIGURES, "samples": 9, "data": "/home/a/fer.pack", "command": "/opt/bin/mien eval runs/train/vit --data /home/a/fer.pack"}))
        words = [str(run), "--table", "others", "--name", "ViT", "--test", str(test), "--against", "base"]
        self.call(result_row, *words)
        self.call(result_row, *words)  # again: the row is replaced
        rows = result_models.read_rows(self.results / "ferplus.jsonl")
        self.assertEqual([row["name"] for row in rows], ["base", "new", "ViT"])
        self.assertEqual((rows[2]["method"], rows[2]["input"], rows[2]["parameters"], rows[2]["test"]["samples"]), ("vit-se", "64 px grey", 13, 9))
        self.assertEqual((rows[2]["test"]["data"], rows[2]["test"]["command"]), ("fer.pack", "mien eval runs/train/vit --data fer.pack"))
        self.assertTrue((self.results / "vit-metrics.jsonl").exists())
        self.call(result_pages)
        self.assertIn("| ViT | 71.5 [70.0, 73.0] | 40.0 | +0.0 | +0.0 |", self.page())
        test.write_text(json.dumps({**FIGURES, "split": "valid"}))
        with self.assertRaisesRegex(SystemExit, "split is 'valid'"):
            self.call(result_row, *words)


if __name__ == "__main__":
    unittest.main()
