#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs an experiment: variants of one configuration, several seeds each, judged alike; a table of mean ± standard deviation.

  tools/experiment.py configs/ada-df/experiments/small-scale.toml --data ferplus.pack

The file (TOML):
  title = "..."                   headline of the table
  config = "small.toml"           beside the file
  seeds = [0, 1, 2]
  split = "test"
  measures = ["accuracy", "kl_votes"]     fields of 'mien eval --json', or loss terms and monitors of the last epoch
  [[data]]                        optional second axis: name, and the words of 'mien data noise' that make it from --data;
                                  runs on it get the right labels too, for monitors (data.truth)
    name = "20 % flipped"
    noise = ["--kind", "symmetric-exact", "--rate", "0.2", "--seed", "7"]
  [[variant]]                     name, and assignments as for 'mien train --set'
    name = "fused"
    set = []
  [[expect]]                      what should be seen: the measure of one variant above or below another's
    text = "..."
    measure = "kl_votes"
    of = "fused"
    is = "lower"                  or "higher"
    than = "one label"
    data = "20 % flipped"         optional; default: the first
    than_measure = "..."          optional: another measure on that side
    within = 1.0                  optional: counts as seen when worse by at most so many standard deviations

Everything lands in runs/experiments/NAME: results.jsonl (one row per run, with its command) and table.md. A second start
goes on where the first one stopped: finished runs are kept, an interrupted one is resumed."""
import argparse
import json
import re
import statistics
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PERCENT = {"accuracy", "mean_recall", "macro_f1", "ece"}


class ExperimentError(Exception):
    pass


def slug(text):
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def read_experiment(path):
    try:
        spec = tomllib.loads(path.read_text())
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise ExperimentError(f"{path}: {error}") from error
    for key in ("title", "config", "seeds", "measures", "variant"):
        if not spec.get(key):
            raise ExperimentError(f"{path}: {key} is missing.")
    spec.setdefault("split", "test")
    spec.setdefault("data", [{"name": "labels as packed"}])
    names = {kind: [entry["name"] for entry in spec[kind]] for kind in ("variant", "data")}
    for kind, given in names.items():
        if len(set(map(slug, given))) != len(given):
            raise ExperimentError(f"{path}: two entries of [[{kind}]] have the same name.")
    for expect in spec.get("expect", []):
        expect.setdefault("data", names["data"][0])
        expect.setdefault("than_measure", expect.get("measure"))
        for key, known in (("of", names["variant"]), ("than", names["variant"]), ("data", names["data"]), ("measure", spec["measures"]), ("than_measure", spec["measures"])):
            if expect.get(key) not in known:
                raise ExperimentError(f"{path}: [[expect]] {key} = {expect.get(key)!r} is none of {', '.join(known)}.")
        if expect.get("is") not in ("lower", "higher"):
            raise ExperimentError(f"{path}: [[expect]] is = {expect.get('is')!r} is neither 'lower' nor 'higher'.")
    spec["config"] = str(path.parent / spec["config"])
    return spec


class Programs:
    """`mien` and `mien-lab` of a build, or ./mien, which builds what it needs."""

    def __init__(self, folder):
        self.folder = folder

    def words(self, *arguments):
        if self.folder is None:
            return [str(ROOT / "mien"), *arguments]
        lab = arguments[0] in ("train", "eval")
        return [str(self.folder / ("mien-lab" if lab else "mien")), *arguments]

    def call(self, *arguments, capture=False):
        words = self.words(*arguments)
        done = subprocess.run(words, stdout=subprocess.PIPE if capture else sys.stderr, text=True)
        if done.returncode == 130:
            raise KeyboardInterrupt
        if done.returncode:
            raise ExperimentError(f"{' '.join(words)}: exit code {done.returncode}.")
        return done.stdout


def prepared(data, pack, out, programs):
    """The pack of one entry of [[data]]."""
    if "noise" not in data:
        return pack
    target = out / f"{slug(data['name'])}.pack"
    if not target.exists():
        programs.call("data", "noise", str(pack), "-o", str(target), *data["noise"])
    return target


def run_cell(spec, variant, data, seed, pack, programs, stem):
    """Trains (or goes on training) one cell and judges it; returns its row."""
    name = f"{stem}-{slug(data['name'])}-{slug(variant['name'])}-s{seed}"
    folder = Path("runs/train") / name
    if (folder / "last.safetensors").exists():
        programs.call("train", "--resume", str(folder))
    else:
        truth = [f"data.truth={pack}.truth.csv"] if "noise" in data else []
        sets = [f"data.pack={pack}", *truth, f"name={name}", f"train.seed={seed}", *spec["set"], *variant.get("set", [])]
        programs.call("train", spec["config"], *[word for s in sets for word in ("--set", s)])
    judged = json.loads(programs.call("eval", str(folder), "--split", spec["split"], "--json", capture=True))
    epochs = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return {"data": data["name"], "variant": variant["name"], "seed": seed, "run": str(folder), "seconds": round(sum(e["seconds"] for e in epochs), 1),
            "epochs": len(epochs), **{m: judged.get(m, epochs[-1]["loss"].get(m)) for m in spec["measures"]}, "record": epochs[-1].get("record", {})}


def summary(rows, data, variant, measure):
    """Mean and sample standard deviation over the seeds; the latter None for one seed."""
    values = [row[measure] * (100 if measure in PERCENT else 1) for row in rows
              if row["data"] == data and row["variant"] == variant and row[measure] is not None]
    return (statistics.mean(values), statistics.stdev(values) if len(values) > 1 else None) if values else (None, None)


def shown(measure, mean, deviation):
    if mean is None:
        return "–"
    places = 2 if measure in PERCENT else 3
    return f"{mean:.{places}f}" + (f" ± {deviation:.{places}f}" if deviation is not None else "")


def judge(rows, expect):
    """(seen, sentence) of one expectation; a difference within one standard deviation decides nothing."""
    m, s = summary(rows, expect["data"], expect["of"], expect["measure"])
    n, t = summary(rows, expect["data"], expect["than"], expect["than_measure"])
    if m is None or n is None:
        return None, "not run"
    gain = (n - m) if expect["is"] == "lower" else (m - n)
    deviation = max(s or 0, t or 0)
    seen = gain > deviation or ("within" in expect and gain >= -expect["within"] * deviation)
    word = "seen" if seen else "not decided" if abs(gain) <= deviation else "NOT seen"
    return seen, f"{word}: {expect['of']} {shown(expect['measure'], m, s)}, {expect['than']} {shown(expect['than_measure'], n, t)}"


def table(spec, rows):
    heads = [m + (" %" if m in PERCENT else "") for m in spec["measures"]]
    seeds = len({row["seed"] for row in rows})
    lines = [f"{spec['title']} ({spec['split']} part, {seeds} seed{'s' if seeds != 1 else ''}, mean ± standard deviation)", "",
             "| data | variant | " + " | ".join(heads) + " | minutes a run |", "|---|---|" + "---|" * (len(heads) + 1)]
    for data in spec["data"]:
        for variant in spec["variant"]:
            mine = [row for row in rows if row["data"] == data["name"] and row["variant"] == variant["name"]]
            cells = [shown(m, *summary(rows, data["name"], variant["name"], m)) for m in spec["measures"]]
            minutes = f"{statistics.mean(row['seconds'] for row in mine) / 60:.1f}" if mine else "–"
            lines.append(f"| {data['name']} | {variant['name']} | " + " | ".join(cells) + f" | {minutes} |")
    if spec.get("expect"):
        lines += ["", "| expected | |", "|---|---|"] + [f"| {e['text']} | {judge(rows, e)[1]} |" for e in spec["expect"]]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="packed data set")
    parser.add_argument("--bin", type=Path, help="folder with built programs; default: ./mien, which builds them")
    parser.add_argument("--only", action="append", default=[], help="this variant alone; may be repeated")
    parser.add_argument("--set", action="append", default=[], help="assignment for every run, before the variant's own; may be repeated")
    parser.add_argument("--name", help="folder of the results; default: the file's name. Other --set: another name")
    arguments = parser.parse_args()
    spec = read_experiment(arguments.experiment)
    spec["set"] = arguments.set
    stem = arguments.name or arguments.experiment.stem
    out = Path("runs/experiments") / stem
    out.mkdir(parents=True, exist_ok=True)
    results = out / "results.jsonl"
    rows = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    programs = Programs(arguments.bin.resolve() if arguments.bin else None)
    for seed in spec["seeds"]:
        for data in spec["data"]:
            for variant in spec["variant"]:
                done = any((r["data"], r["variant"], r["seed"]) == (data["name"], variant["name"], seed) for r in rows)
                if done or (arguments.only and variant["name"] not in arguments.only):
                    continue
                rows.append(run_cell(spec, variant, data, seed, prepared(data, arguments.data, out, programs), programs, stem))
                with results.open("a") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
    (out / "table.md").write_text(table(spec, rows))
    print(table(spec, rows), end="")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except ExperimentError as error:
        print(f"experiment: {error}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        print("experiment: interrupted; the same command goes on.", file=sys.stderr)
        sys.exit(130)
