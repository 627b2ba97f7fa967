#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs an experiment: variants of one configuration, or of several methods, several seeds each, judged alike; a table of mean ±
standard deviation, and what was expected beside differences paired by seed.

  tools/experiment.py configs/ada-df/experiments/small-scale.toml --data ferplus.pack
  tools/experiment.py configs/experiments/noise.toml --data ferplus.pack

The file (TOML):
  title = "..."                   headline of the table
  config = "small.toml"           beside the file; of variants that name none of their own
  set = []                        assignments for every run, as for 'mien train --set'
  seeds = [0, 1, 2]
  split = "test"
  measures = ["accuracy", "kl_votes"]     fields of 'mien eval --json', loss terms and monitors of the last epoch, a place in
                                  its row of metrics.jsonl ("noise.memorised"), the same in another epoch ("noise.memorised at 3"),
                                  the mean of such a place over the last rows that have it ("valid.accuracy over 5"), or its largest value in
                                  a stage ("valid.landmark_skill best in landmarks-eyes"); a place in the
                                  output of 'mien eval' ("by.yaw.groups.-60.accuracy": entries of a list by their name); the difference
                                  of two of them ("A minus B"); "accuracy_drop": accuracy on the data that the run was trained on minus this
  by = "pose"                     optional: words for 'mien eval --by', for measures by.…
  layout = "rows"                 or "columns": one table per measure, a column for each entry of [[data]]
  subset = ["--samples", "4000", "--seed", "7"]   optional: words of 'mien data subset'; runs see that part of --data alone
  [trunk]                         optional, with subset: a network that is trained first, once, on the training pictures that the
                                  subset leaves; all runs begin with its backbone (init.backbone); --set does not reach it
    config = "../dan/plain.toml"
    set = []
    as = "init.backbone"          optional: the key that gets the trunk's checkpoint, in place of this one
  probe = "bench/dan_probe.py"    optional: a program, from the root of the project, that is given a run's folder, the pack and --split and prints
                                  a JSON object; its numbers are the measures "probe.NAME"
  [floor]                         optional: what a constant answer gives, in per cent of so many pictures; nothing is concluded from a
                                  difference to a variant that has a run not clearly above it
    accuracy = 34.52
    pictures = 3137
    measure = "map50"             instead of both: a run is on the floor where this measure is not above
    above = "commonest.map50"     this one of the same run
  [[data]]                        optional second axis: name, and the words of 'mien data noise', 'occlude', 'warp' or 'distil' that make it
                                  from --data (or its subset); runs on noise get the right labels too, for monitors (data.truth)
    name = "20 % flipped"
    noise = ["--kind", "symmetric-exact", "--rate", "0.2", "--seed", "7"]
    occlude = ["--kind", "mask"]
    warp = ["--yaw", "-60,-30,0,30,60"]
    distil = ["--teacher", "models/dan-ferplus.onnx"]
    trained_on = "as packed"      optional: only evaluated on; the runs are those of this other entry
  [[variant]]                     name, assignments as for 'mien train --set', and a configuration (so a method) of its own
    name = "fused"
    set = []
    config = "other.toml"
    from = "as published"         optional: an earlier variant that shares the first stages. The run begins with what that variant's run, of
    after = "inversion"           the same data and seed, had after this stage, and trains these stages alone. The network is the same bit
    stages = ["recognition"]      for bit as if all stages were trained again. Measures of the shared stages are in the other variant's row
    lenient = true                optional, with from: what fits is taken (--lenient), for a variant with other parameters
  [[expect]]                      what should be seen: the measure of one variant above or below another's
    text = "..."
    measure = "kl_votes"
    of = "fused"
    is = "lower"                  or "higher"
    than = "one label"            or a number, in the table's unit
    data = "20 % flipped"         optional; default: the first
    than_measure = "..."          optional: another measure on that side
    by = 8                        optional: by at least so much, in the table's unit
    times = 5                     optional: at least so many times the other side
    untrained = true              optional: counts on the floor, too
    within = 1.0                  optional: the gate of a method card: worse by at most so many standard deviations. It is reported beside
                                  the interval of the paired differences, which decides

Everything lands in runs/experiments/NAME: results.jsonl (one row per run, with its command) and table.md. A second start
goes on where the first one stopped: finished runs are kept, an interrupted one is resumed."""
import argparse
import json
import statistics
import subprocess
import sys
from pathlib import Path

from experiment_file import CHANGES, ROOT, ExperimentError, read_experiment, slug
from experiment_table import parts_of, table

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

    def train(self, config, name, sets, begin=()):
        """Trains a run, or goes on with it where one was interrupted; its folder. `begin`: words for the weights that it begins with."""
        folder = Path("runs/train") / name
        if (folder / "last.safetensors").exists():
            self.call("train", "--resume", str(folder))
        else:
            self.call("train", config, *begin, *[word for s in (f"name={name}", *sets) for word in ("--set", s)])
        return folder


def common_start(spec, pack, out, programs, stem):
    """What all runs begin with: the pack that they see, and the assignment that gives them the trunk's checkpoint."""
    if "subset" not in spec:
        return pack, []
    part, rest = out / "subset.pack", out / "rest.pack"
    if not part.exists() or not rest.exists():
        programs.call("data", "subset", str(pack), "-o", str(part), "--rest", str(rest), *spec["subset"])
    if "trunk" not in spec:
        return part, []
    done = out / "trunk.txt"  # there when the trunk has been trained to its end
    if not done.exists():
        done.write_text(str(programs.train(spec["trunk"]["config"], f"{stem}-trunk", [f"data.pack={rest}", *spec["trunk"].get("set", [])])))
    return part, [f"{spec['trunk'].get('as', 'init.backbone')}={done.read_text()}/best.safetensors"]


def prepared(data, pack, out, programs):
    """The pack of one entry of [[data]]."""
    change = next((change for change in CHANGES if change in data), None)
    if change is None:
        return pack
    target = out / f"{slug(data['name'])}.pack"
    if not target.exists():
        programs.call("data", change, str(pack), "-o", str(target), *data[change])
    return target


def place_in(value, place):
    """What is at a place with dots; entries of a list are found by their name."""
    for key in place.split("."):
        if isinstance(value, list):
            value = next((entry for entry in value if isinstance(entry, dict) and entry.get("name") == key), None)
        else:
            value = value.get(key) if isinstance(value, dict) else None
    return value


def measured(measure, judged, epochs):
    """What one run gives for a measure; None where it has nothing of the kind."""
    if " minus " in measure:
        sides = [measured(side, judged, epochs) for side in measure.split(" minus ")]
        return None if None in sides else sides[0] - sides[1]
    if measure in judged:
        return judged[measure]
    if place_in(judged, measure) is not None:
        return place_in(judged, measure)
    if measure in epochs[-1]["loss"]:
        return epochs[-1]["loss"][measure]
    parts = parts_of(measure)
    rows = epochs if parts.over else epochs[-1:]
    if parts.best_in:
        rows = [row for row in epochs if row.get("stage") == parts.best_in]
    elif parts.epoch:
        rows = [row for row in epochs if row.get("epoch") == parts.epoch]
    values = [place_in(row, parts.place) for row in rows if place_in(row, parts.place) is not None]
    if not values:
        return None
    return max(values) if parts.best_in else statistics.mean(values[-parts.over:])


def probed(spec, folder, pack):
    """What the experiment's own program reads off a finished run."""
    if "probe" not in spec:
        return {}
    words = [sys.executable, "-B", str(ROOT / spec["probe"]), str(folder), str(pack), "--split", spec["split"]]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise ExperimentError(f"{' '.join(words)}: exit code {done.returncode}.")
    return {f"probe.{name}": value for name, value in json.loads(done.stdout).items()}


def same_run(rows, data, variant, seed):
    """The row of the data that an entry is trained on; None where that is the entry itself or has not run."""
    if "trained_on" not in data:
        return None
    return next((row for row in rows if (row["data"], row["variant"], row["seed"]) == (data["trained_on"], variant["name"], seed)), None)


def run_name(stem, data, variant, seed):
    return f"{stem}-{slug(data)}-{slug(variant)}-s{seed}"


def beginning(variant, data, seed, stem):
    """Words that begin a run with what the run of another variant had after a stage; the stages to train."""
    if "from" not in variant:
        return [], []
    state = Path("runs/train") / run_name(stem, data["name"], variant["from"], seed) / f"best-{variant['after']}.safetensors"
    if not state.exists():
        raise ExperimentError(f"{state} is missing: train the variant {variant['from']!r} first; its stage {variant['after']!r} must not be the last.")
    return ["--init", str(state), *(["--lenient"] if variant.get("lenient") else [])], [f"train.stages={json.dumps(variant['stages'])}"]


def trained(spec, variant, data, seed, pack, programs, stem):
    """Trains (or goes on training) the run of one cell; its folder."""
    begin, stages = beginning(variant, data, seed, stem)
    truth = [f"data.truth={pack}.truth.csv"] if "noise" in data else []
    sets = [f"data.pack={pack}", *truth, f"train.seed={seed}", *spec["set"], *variant.get("set", []), *stages]
    return programs.train(variant["config"], run_name(stem, data["name"], variant["name"], seed), sets, begin)


def run_cell(spec, variant, data, seed, packs, programs, stem, base=None):
    """Trains and judges one cell; returns its row. `packs`: what it is trained on and evaluated on; `base`: the row of the same run on the
    data that it was trained on."""
    source, pack = packs
    if base:
        folder = Path(base["run"])
    else:
        trained_on = next(entry for entry in spec["data"] if entry["name"] == data.get("trained_on", data["name"]))
        folder = trained(spec, variant, trained_on, seed, source, programs, stem)
    words = [*(["--by", spec["by"]] if "by" in spec else []), *(["--data", str(pack)] if pack != source else [])]
    judged = json.loads(programs.call("eval", str(folder), *words, "--split", spec["split"], "--json", capture=True))
    judged.update(probed(spec, folder, pack))
    if base and base.get("accuracy") is not None:
        judged["accuracy_drop"] = base["accuracy"] - judged["accuracy"]
    epochs = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return {"data": data["name"], "variant": variant["name"], "seed": seed, "run": str(folder), "seconds": round(sum(e["seconds"] for e in epochs), 1),
            "epochs": len(epochs), **{m: measured(m, judged, epochs) for m in spec["measures"]}, "record": epochs[-1].get("record", {})}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("experiment", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="packed data set")
    parser.add_argument("--bin", type=Path, help="folder with built programs; default: ./mien, which builds them")
    parser.add_argument("--only", action="append", default=[], help="this variant alone; may be repeated")
    parser.add_argument("--on", action="append", default=[], help="this entry of [[data]] alone; may be repeated")
    parser.add_argument("--set", action="append", default=[], help="assignment for every run, behind the file's and before the variant's own; may be repeated")
    parser.add_argument("--name", help="folder of the results; default: the file's name. Other --set: another name")
    arguments = parser.parse_args()
    spec = read_experiment(arguments.experiment)
    for option, given, known in (("--only", arguments.only, spec["variant"]), ("--on", arguments.on, spec["data"])):
        for name in given:
            if name not in [entry["name"] for entry in known]:
                raise ExperimentError(f"{option} {name!r} is none of {', '.join(entry['name'] for entry in known)}.")
    if arguments.set:
        spec["set"] += arguments.set
        spec["title"] += f"; here with {', '.join(arguments.set)}"
    stem = arguments.name or arguments.experiment.stem
    out = Path("runs/experiments") / stem
    out.mkdir(parents=True, exist_ok=True)
    results = out / "results.jsonl"
    rows = [json.loads(line) for line in results.read_text().splitlines()] if results.exists() else []
    programs = Programs(arguments.bin.resolve() if arguments.bin else None)
    pack, start = common_start(spec, arguments.data, out, programs, stem)
    spec["set"] += start
    for seed in spec["seeds"]:
        for data in spec["data"]:
            for variant in spec["variant"]:
                done = any((r["data"], r["variant"], r["seed"]) == (data["name"], variant["name"], seed) for r in rows)
                if done or (arguments.only and variant["name"] not in arguments.only) or (arguments.on and data["name"] not in arguments.on):
                    continue
                source = next(entry for entry in spec["data"] if entry["name"] == data.get("trained_on", data["name"]))
                packs = [prepared(entry, pack, out, programs) for entry in (source, data)]
                rows.append(run_cell(spec, variant, data, seed, packs, programs, stem, same_run(rows, data, variant, seed)))
                with results.open("a") as file:
                    file.write(json.dumps(rows[-1]) + "\n")
                (out / "table.md").write_text(table(spec, rows))  # after each run: who stops it has what there is
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
