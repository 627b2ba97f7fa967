# SPDX-License-Identifier: Apache-2.0
"""What tools/experiment.py makes of its rows: mean ± standard deviation, judged expectations, tables in Markdown."""
import re
import statistics

PERCENT = {"accuracy", "mean_recall", "macro_f1", "ece", "memorised", "recovered", "right_share", "clean_share", "clean_precision", "clean_recall"}


def parts_of(measure):
    """"valid.accuracy over 5" → ("valid.accuracy", 5, None), "valid.accuracy at 3" → ("valid.accuracy", 1, 3)."""
    place, word, number = re.fullmatch(r"(.*?)(?: (over|at) ([1-9][0-9]*))?", measure).groups()
    return place, int(number) if word == "over" else 1, int(number) if word == "at" else None


def is_percent(measure):
    return not PERCENT.isdisjoint(parts_of(measure)[0].split(".")[-2:])


def summary(rows, data, variant, measure):
    """Mean and sample standard deviation over the seeds; the latter None for one seed."""
    values = [row[measure] * (100 if is_percent(measure) else 1) for row in rows
              if row["data"] == data and row["variant"] == variant and row.get(measure) is not None]
    return (statistics.mean(values), statistics.stdev(values) if len(values) > 1 else None) if values else (None, None)


def shown(measure, mean, deviation):
    if mean is None:
        return "–"
    places = 2 if is_percent(measure) else 3
    return f"{mean:.{places}f}" + (f" ± {deviation:.{places}f}" if deviation is not None else "")


def judge(rows, expect):
    """(seen, sentence) of one expectation; a difference within one standard deviation decides nothing."""
    m, s = summary(rows, expect["data"], expect["of"], expect["measure"])
    is_number = not isinstance(expect["than"], str)
    n, t = (expect["than"], None) if is_number else summary(rows, expect["data"], expect["than"], expect["than_measure"])
    if m is None or n is None:
        return None, "not run"
    gain = ((n - m) if expect["is"] == "lower" else (m - n)) - expect.get("by", 0)
    if s is None and t is None:
        return None, f"one run, which decides nothing: {expect['of']} {shown(expect['measure'], m, s)}, {'asked' if is_number else expect['than']} {shown(expect['than_measure'], n, t)}"
    deviation = max(s or 0, t or 0)
    seen = gain > deviation or ("within" in expect and gain >= -expect["within"] * deviation)
    word = "seen" if seen else "not decided" if abs(gain) <= deviation else "NOT seen"
    return seen, f"{word}: {expect['of']} {shown(expect['measure'], m, s)}, {'asked' if is_number else expect['than']} {shown(expect['than_measure'], n, t)}"


def head_of(measure):
    return measure + (" %" if is_percent(measure) else "")


def minutes(spec, mine):
    """Mean time of these runs, and how many there are where some seeds are still to come."""
    if not mine:
        return "–"
    return f"{statistics.mean(row['seconds'] for row in mine) / 60:.1f}" + (f" ({len(mine)} of {len(spec['seeds'])} seeds)" if len(mine) < len(spec["seeds"]) else "")


def rows_table(spec, rows):
    lines = ["| data | variant | " + " | ".join(map(head_of, spec["measures"])) + " | minutes a run |", "|---|---|" + "---|" * (len(spec["measures"]) + 1)]
    for data in spec["data"]:
        for variant in spec["variant"]:
            mine = [row for row in rows if row["data"] == data["name"] and row["variant"] == variant["name"]]
            cells = [shown(m, *summary(rows, data["name"], variant["name"], m)) for m in spec["measures"]]
            lines.append(f"| {data['name']} | {variant['name']} | " + " | ".join(cells) + f" | {minutes(spec, mine)} |")
    return lines


def columns_tables(spec, rows):
    lines = []
    for measure in spec["measures"]:
        lines += ["", f"| {head_of(measure)} | " + " | ".join(data["name"] for data in spec["data"]) + " |", "|---|" + "---|" * len(spec["data"])]
        for variant in spec["variant"]:
            cells = [shown(measure, *summary(rows, data["name"], variant["name"], measure)) for data in spec["data"]]
            lines.append(f"| {variant['name']} | " + " | ".join(cells) + " |")
    lines += ["", "| minutes a run | " + " | ".join(data["name"] for data in spec["data"]) + " |", "|---|" + "---|" * len(spec["data"])]
    for variant in spec["variant"]:
        cells = [minutes(spec, [row for row in rows if row["data"] == data["name"] and row["variant"] == variant["name"]]) for data in spec["data"]]
        lines.append(f"| {variant['name']} | " + " | ".join(cells) + " |")
    return lines[1:]


def table(spec, rows):
    seeds = len({row["seed"] for row in rows})
    lines = [f"{spec['title']} ({spec['split']} part, {seeds} seed{'s' if seeds != 1 else ''}, mean ± standard deviation)", ""]
    lines += columns_tables(spec, rows) if spec["layout"] == "columns" else rows_table(spec, rows)
    if spec.get("expect"):
        lines += ["", "| expected | |", "|---|---|"] + [f"| {e['text']} | {judge(rows, e)[1]} |" for e in spec["expect"]]
    return "\n".join(lines) + "\n"
