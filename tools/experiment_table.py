# SPDX-License-Identifier: Apache-2.0
"""What tools/experiment.py makes of its rows: mean ± standard deviation, judged expectations, tables in Markdown."""
import re
import statistics
from typing import NamedTuple

from experiment_stats import above_by_chance, paired, sample, verdict

PERCENT = {"accuracy", "mean_recall", "macro_f1", "ece", "memorised", "recovered", "right_share", "clean_share", "clean_precision", "clean_recall", "mean_accuracy", "accuracy_drop",
           "pose_accuracy", "gate_inside", "map50", "map50_95", "any_class50", "ap50"}
LABELS = {
    "accuracy": "{split} accuracy", "mean_recall": "{split} mean recall", "macro_f1": "{split} macro F1", "ece": "{split} ECE",
    "kl_votes": "{split} KL(votes ‖ prediction), nats",
    "valid.accuracy": "validation accuracy", "valid.mean_recall": "validation mean recall",
    "valid.landmark_skill": "landmark skill (validation part)",
    "valid_terms.l2": "squared difference of the inversion (validation part)",
    "valid_terms.plain_features": "feature distance of the inversion, taps of a plain network (validation part)",
    "noise.memorised": "wrong labels memorised", "noise.recovered": "wrong labels answered correctly",
    "weight_right": "weight of right labels", "weight_wrong": "weight of wrong labels",
    "record.right_share": "right among all labels", "record.clean_precision.weak": "right among the selected labels",
    "record.clean_recall.weak": "selected among the right labels",
    "weight": "mean weight", "relation": "mean relation", "weight_spread": "spread of weights within a class", "center_distance": "distance to the centres",
    "head_variance": "variance across heads (training, last epoch)", "gate_spread": "spread of the gate",
    "map50": "{split} mAP50", "map50_95": "{split} mAP50:95", "any_class50": "{split} AP50 without classes",
    "commonest.map50": "{split} mAP50 of the same boxes with the commonest class", "map50 minus commonest.map50": "{split} mAP50 above that floor",
    "gate_inside": "gate between 0.05 and 0.95", "accuracy_drop": "{split} accuracy below that on the data of the training",
    "by.yaw.mean_accuracy": "{split} accuracy, mean over views", "record.pose_accuracy": "validation accuracy of the pose",
    "record.scale_shift": "shift of the scale weights between views",
    "by.absolute_yaw.groups.0.accuracy minus by.absolute_yaw.groups.60.accuracy": "{split} accuracy lost from 0 to 60 degrees",
    "probe.head_variance": "variance across heads (test pictures)", "probe.class_scatter": "scatter within classes over scatter between them (test pictures)",
}
TRAINING_SIDE = "noise."  # measures of what became of training labels: they mean something for networks of any accuracy


class MeasureParts(NamedTuple):
    place: str               # with dots
    over: int = 0            # the mean of so many rows, the last that have it; 0: of the last epoch
    epoch: int | None = None
    best_in: str = ""        # the largest value in this stage


def parts_of(measure):
    """Of "valid.accuracy over 5", "valid.accuracy at 3" or "valid.landmark_skill best in landmarks-eyes"."""
    place, word, number, stage = re.fullmatch(r"(.*?)(?: (over|at) ([1-9][0-9]*)| best in ([a-z0-9-]+))?", measure).groups()
    return MeasureParts(place, int(number) if word == "over" else 0, int(number) if word == "at" else None, stage or "")


def is_percent(measure):
    return not PERCENT.isdisjoint(parts_of(measure).place.split(".")[-2:])


def head_of(measure, split="test"):
    """The measure in words, with its unit."""
    parts = parts_of(measure)
    words = LABELS.get(parts.place, parts.place).format(split=split)
    when = f", {parts.best_in}" if parts.best_in else ""
    if parts.over > 1:
        when = f", mean of the last {parts.over} validations"
    elif parts.epoch:
        when = f", epoch {parts.epoch}"
    return words + when + (", %" if is_percent(measure) else "")


def found(row, measure):
    """The value of a measure in a row; places reach into the row's record."""
    value = row
    if measure in row:
        return row[measure]
    for key in measure.split("."):
        value = value.get(key) if isinstance(value, dict) else None
    return value


def by_seed(rows, data, variant, measure):
    """{seed: value} in the table's unit."""
    values = {row["seed"]: found(row, measure) for row in rows if row["data"] == data and row["variant"] == variant}
    return {seed: value * (100 if is_percent(measure) else 1) for seed, value in values.items() if value is not None}


def over_seeds(rows, data, variant, measure):
    """Sample over the seeds; None where nothing ran."""
    return sample(list(by_seed(rows, data, variant, measure).values()))


def places_of(measure):
    return 2 if is_percent(measure) else 3


def shown(measure, values):
    if values is None:
        return "–"
    places = places_of(measure)
    return f"{values.mean:.{places}f}" + (f" ± {values.deviation:.{places}f}" if values.deviation is not None else "")


def signed(value, places):
    """With its sign; a rounded zero counts as positive."""
    return f"{round(value, places) + 0.0:+.{places}f}".replace("-", "−")


def shown_difference(measure, difference):
    """Mean, 95 % t interval, number of runs on that side: "−0.74 [−1.74, +0.26], below in 3 of 3"."""
    places = places_of(measure)
    text = signed(difference.mean, places)
    if difference.interval is None:
        return text + " (one run)"
    low, high = difference.interval
    word, count = difference.side
    return f"{text} [{signed(low, places)}, {signed(high, places)}], {word} in {count} of {len(difference.values)}"


def difference_of(rows, expect, measure=None):
    """Paired differences of the two sides of an expectation, in a measure of both or in those that it names; `times` applies to the latter."""
    first = by_seed(rows, expect["data"], expect["of"], measure or expect["measure"])
    if not isinstance(expect["than"], str):
        return sample([value - expect["than"] for value in first.values()])
    second = by_seed(rows, expect["data"], expect["than"], measure or expect["than_measure"])
    factor = 1 if measure else expect.get("times", 1)
    return paired(first, {seed: factor * value for seed, value in second.items()})


def gate(rows, expect, gain):
    """A card's gate as written: worse by at most so many standard deviations, the larger of the two sides; None without one."""
    if "within" not in expect or gain.interval is None:
        return None
    sides = [over_seeds(rows, expect["data"], expect["of"], expect["measure"])]
    if isinstance(expect["than"], str):
        sides.append(over_seeds(rows, expect["data"], expect["than"], expect["than_measure"]))
    return gain.mean >= -expect["within"] * max(side.deviation or 0 for side in sides)


def learnt_nothing(spec, rows, data, variant):
    """Whether a run of a variant could be a constant answer; False where the experiment names no floor."""
    floor = spec.get("floor")
    if not floor:
        return False
    if "measure" in floor:
        own, other = (by_seed(rows, data, variant, measure) for measure in (floor["measure"], floor["above"]))
        return any(own[seed] <= other[seed] for seed in own)
    runs = by_seed(rows, data, variant, "accuracy").values()
    return any(above_by_chance(value / 100, floor["accuracy"] / 100, floor["pictures"]) for value in runs)


def on_a_floor(spec, rows, expect):
    """Whether the other side of an expectation learnt nothing, so that nothing follows from a difference to it."""
    if expect.get("untrained") or expect["measure"].startswith(TRAINING_SIDE) or expect["than"] == expect["of"]:
        return False
    return isinstance(expect["than"], str) and learnt_nothing(spec, rows, expect["data"], expect["than"])


def judge(spec, rows, expect):
    """(word, gate passed or None) of one expectation; the word is that of the interval of the paired differences."""
    difference = difference_of(rows, expect)
    if difference is None:
        return "not run", None
    if on_a_floor(spec, rows, expect):
        return "shows nothing: the baseline did not learn", None
    sign = -1 if expect["is"] == "lower" else 1
    gain = sample([sign * value - expect.get("by", 0) for value in difference.values])
    return verdict(gain), gate(rows, expect, gain)


def test_cell(rows, expect, measure):
    """A test figure of both sides of an expectation, with the difference; of one side where there is no other variant."""
    first = over_seeds(rows, expect["data"], expect["of"], measure)
    if first is None or not isinstance(expect["than"], str) or expect["than"] == expect["of"]:
        return shown(measure, first)
    second = over_seeds(rows, expect["data"], expect["than"], measure)
    difference = difference_of(rows, expect, measure)
    if difference is None:
        return f"{shown(measure, first)} against {shown(measure, second)}"
    return f"{first.mean:.2f} against {second.mean:.2f}: {shown_difference(measure, difference)}"


def deciding_cell(spec, rows, expect):
    """The measure that decides, with its figures where no other column has them."""
    name = head_of(expect["measure"], spec["split"])
    if expect["measure"] in headline(spec) and isinstance(expect["than"], str):
        return name
    first = over_seeds(rows, expect["data"], expect["of"], expect["measure"])
    if not isinstance(expect["than"], str):
        places = places_of(expect["measure"])
        interval = f" [{first.interval[0]:.{places}f}, {first.interval[1]:.{places}f}]" if first and first.interval else ""
        return f"{name}: {shown(expect['measure'], first)}{interval}; asked: {'above' if expect['is'] == 'higher' else 'below'} {expect['than']}"
    second = over_seeds(rows, expect["data"], expect["than"], expect["than_measure"])
    difference = difference_of(rows, expect)
    against = "" if expect["than_measure"] == expect["measure"] else f" ({head_of(expect['than_measure'], spec['split'])})"
    text = f"{name}: {shown(expect['measure'], first)} against {shown(expect['than_measure'], second)}{against}"
    if difference is None:
        return text
    if "times" in expect:
        factor = expect["times"]
        return f"{text}, {first.mean / second.mean:.1f} times; asked: {factor} times; beyond {factor} times: {shown_difference(expect['measure'], difference)}"
    return f"{text}: {shown_difference(expect['measure'], difference)}" + (f"; asked: {expect['by']} or more" if expect.get("by", 0) > 0 else "")


def headline(spec):
    """The measures that stand beside every expectation, whatever the measure is that decides."""
    return ("map50", "map50_95") if "map50" in spec.get("measures", []) else ("accuracy", "mean_recall")


def expected_table(spec, rows):
    """What was expected and what the intervals say; the headline measures first."""
    first, second = (head_of(measure, spec["split"]) for measure in headline(spec))
    lines = [f"| expected | seen? | {first} | {second} | decided by |", "|---|---|---|---|---|"]
    for expect in spec["expect"]:
        word, passed = judge(spec, rows, expect)
        if passed is not None:
            word += f"; gate of {expect['within']:g} standard deviation as written: {'passed' if passed else 'not passed'}"
        cells = [test_cell(rows, expect, measure) for measure in headline(spec)]
        lines.append(f"| {expect['text']} | {word} | {cells[0]} | {cells[1]} | {deciding_cell(spec, rows, expect)} |")
    return lines


def minutes(spec, mine):
    """Mean time of these runs, and how many there are where some seeds are still to come."""
    if not mine:
        return "–"
    return f"{statistics.mean(row['seconds'] for row in mine) / 60:.1f}" + (f" ({len(mine)} of {len(spec['seeds'])} seeds)" if len(mine) < len(spec["seeds"]) else "")


def rows_table(spec, rows, with_minutes=True):
    heads = [head_of(m, spec["split"]) for m in spec["measures"]] + ["minutes a run"] * with_minutes
    lines = ["| data | variant | " + " | ".join(heads) + " |", "|---|---|" + "---|" * len(heads)]
    for data in spec["data"]:
        for variant in spec["variant"]:
            mine = [row for row in rows if row["data"] == data["name"] and row["variant"] == variant["name"]]
            cells = [shown(m, over_seeds(rows, data["name"], variant["name"], m)) for m in spec["measures"]] + [minutes(spec, mine)] * with_minutes
            lines.append(f"| {data['name']} | {variant['name']} | " + " | ".join(cells) + " |")
    return lines


def columns_tables(spec, rows, with_minutes=True):
    lines = []
    for measure in spec["measures"]:
        lines += ["", f"| {head_of(measure, spec['split'])} | " + " | ".join(data["name"] for data in spec["data"]) + " |", "|---|" + "---|" * len(spec["data"])]
        for variant in spec["variant"]:
            values = [over_seeds(rows, data["name"], variant["name"], measure) for data in spec["data"]]
            if any(values):
                lines.append(f"| {variant['name']} | " + " | ".join(shown(measure, v) for v in values) + " |")
    if not with_minutes:
        return lines[1:]
    lines += ["", "| minutes a run | " + " | ".join(data["name"] for data in spec["data"]) + " |", "|---|" + "---|" * len(spec["data"])]
    for variant in spec["variant"]:
        cells = [minutes(spec, [row for row in rows if row["data"] == data["name"] and row["variant"] == variant["name"]]) for data in spec["data"]]
        lines.append(f"| {variant['name']} | " + " | ".join(cells) + " |")
    return lines[1:]


def selection_note(spec):
    """Which epoch the test figures belong to: with wrong training labels, one that was chosen on right ones."""
    if not any("noise" in data for data in spec["data"]):
        return []
    return ["", f"The {spec['split']} figures belong to the epoch that was best on the validation part, whose labels are right even where the training labels are wrong."]


def floor_note(spec, rows):
    """What a constant answer gives, and the variants that are not clearly above it."""
    floor = spec.get("floor")
    if not floor or not rows:
        return []
    single = len(spec["data"]) == 1
    empty = [variant["name"] + ("" if single else f" ({data['name']})") for variant in spec["variant"] for data in spec["data"]
             if learnt_nothing(spec, rows, data["name"], variant["name"])]
    said = f"Variants with a run that is not clearly above it: {'; '.join(empty)}. Nothing follows from a comparison with them." if empty \
        else "Every run is clearly above it."
    if "measure" in floor:
        return ["", f"The floor of each run is {head_of(floor['above'], spec['split'])}. {said}"]
    return ["", f"Always answering the largest class gives {floor['accuracy']} % of the {spec['split']} part. {said}"]


def expectations(spec, rows):
    """Notes and the table of expectations."""
    lines = floor_note(spec, rows) + selection_note(spec)
    if spec.get("expect"):
        lines += ["", "Differences are paired by seed: mean [95 % t interval], number of runs on that side. The interval decides.", "", *expected_table(spec, rows)]
    return lines


def table(spec, rows):
    seeds = len({row["seed"] for row in rows})
    lines = [f"{spec['title']} ({spec['split']} part, {seeds} seed{'s' if seeds != 1 else ''}, mean ± standard deviation)", ""]
    lines += columns_tables(spec, rows) if spec["layout"] == "columns" else rows_table(spec, rows)
    return "\n".join(lines + expectations(spec, rows)) + "\n"
