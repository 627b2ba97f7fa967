# SPDX-License-Identifier: Apache-2.0
"""Tables of trained models from rows of docs/results/ferplus.jsonl: one row per model, its figures as `mien eval --json` prints them."""
import json

from experiment_table import signed


class RowError(Exception):
    pass


def read_rows(path):
    rows = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise RowError(f"{path.name}:{number}: {error}. Write one JSON object per line.") from error
    return rows


def stage_of(results, stage):
    """(best validation accuracy, epochs, minutes) of one training of a model, from its kept metrics."""
    rows = [row for row in read_rows(results / stage["metrics"]) if "run" not in stage or row.get("run") == stage["run"]]
    if not rows:
        raise RowError(f"{stage['metrics']}: no epochs of {stage.get('run', 'the run')}.")
    last = [row for row in rows if row.get("stage") == rows[-1].get("stage")]
    accuracies = [row["valid"]["accuracy"] for row in last if "accuracy" in row.get("valid", {})]
    return max(accuracies, default=None), len(rows), sum(row["seconds"] for row in rows) / 60


def percent(value, places=1):
    return "–" if value is None else f"{100 * value:.{places}f}"


def accuracy_of(test):
    if not test:
        return "–"
    low, high = test["accuracy_interval"]
    return f"{percent(test['accuracy'])} [{percent(low)}, {percent(high)}]"


def points(row, others, figure):
    """Difference to the row that this one is compared with, in points."""
    if "against" not in row:
        return "–"
    if row["against"] not in others:
        raise RowError(f"{row['name']}: against = {row['against']!r} is not the name of a row.")
    return signed(100 * (row["test"][figure] - others[row["against"]]["test"][figure]), 1)


def model_line(row, others, results):
    stages = [stage_of(results, stage) for stage in row["stages"]]
    name = f"{row['name']}, `{row['file']}`" if "file" in row else row["name"]
    test = row["test"]
    cells = (name, accuracy_of(test), percent(test["mean_recall"]), points(row, others, "accuracy"), points(row, others, "mean_recall"),
             percent(test["ece"]), f"{test['kl_votes']:.3f}", accuracy_of(row.get("flip")), percent(stages[-1][0]), row["input"],
             f"{row['parameters'] / 1e6:.2f} M" if "parameters" in row else "–", " + ".join(str(epochs) for _, epochs, _ in stages),
             " + ".join(f"{minutes:.0f}" for _, _, minutes in stages))
    return "| " + " | ".join(cells) + " |"


HEAD = ("model", "test accuracy, % [95 %]", "test mean recall, %", "accuracy − baseline, points", "mean recall − baseline, points", "test ECE, %",
        "test KL(votes ‖ prediction), nats", "test accuracy with `--flip`, %", "validation accuracy, %", "input", "parameters", "epochs", "minutes")


def models_table(results, table):
    """Lines of a table of models; a sentence where no model has been measured."""
    rows = read_rows(results / "ferplus.jsonl")
    mine = [row for row in rows if row["table"] == table]
    if not mine:
        return ["No model has been measured yet."]
    others = {row["name"]: row for row in rows}
    lines = ["| " + " | ".join(HEAD) + " |", "|" + "---|" * len(HEAD), *(model_line(row, others, results) for row in mine)]
    compared = [row for row in mine if "against" in row]
    if compared:
        baselines = dict.fromkeys(row["against"] for row in compared)
        named = [f"baseline of {', '.join(row['name'] for row in compared if row['against'] == name)}: {name}" for name in baselines]
        lines += ["", f"One run each, so no difference is decided; {'; '.join(named)}."]
    return lines


def evaluation_lines(figures):
    """What `mien eval` prints for these figures."""
    low, high = figures["accuracy_interval"]
    return [f"accuracy      {percent(figures['accuracy'], 2)} %  (95 % interval {percent(low, 2)} % to {percent(high, 2)} %)",
            f"mean recall   {percent(figures['mean_recall'], 2)} %", f"ECE           {percent(figures['ece'], 2)} %",
            f"KL from the label distribution {figures['kl_votes']:.4f}"]


def unkept(results):
    """Figures of rows that their kept outputs do not have."""
    for row in read_rows(results / "ferplus.jsonl"):
        evaluations = [block for name in row.get("kept", []) for block in (results / name).read_text().split("labels by rule")]
        for part in ("test", "flip"):
            if evaluations and part in row and not any(all(line in block for line in evaluation_lines(row[part])) for block in evaluations):
                yield f"ferplus.jsonl: no output in {', '.join(row['kept'])} has the {part} figures of {row['name']!r}"


def distributions_table(results, metrics, run, votes):
    """Ada-DF's class distributions of the best epoch beside the mean votes: each class's own share and the largest other one."""
    truth = json.loads((results / votes).read_text())
    rows = [row for row in read_rows(results / metrics) if run is None or row.get("run") == run]
    best = max(rows, key=lambda row: row.get("valid", {}).get("accuracy", 0))
    lines = ["| class | own share | largest other | votes: own share | votes: largest other |", "|---|---|---|---|---|"]
    for k, name in enumerate(truth["classes"]):
        learnt, voted = best["record"]["class_distributions"][k], truth["mean_votes"][k]
        others = learnt[:k] + learnt[k + 1:]
        cells = ["threshold not reached", "–"] if max(others) - min(others) < 1e-6 else share_cells(learnt, k, truth["classes"])
        lines.append(f"| {name} | " + " | ".join(cells + share_cells(voted, k, truth["classes"])) + " |")
    return lines


def share_cells(shares, k, classes):
    other = max((j for j in range(len(shares)) if j != k), key=lambda j: shares[j])
    return [f"{shares[k]:.3f}", f"{classes[other]} {shares[other]:.3f}"]
