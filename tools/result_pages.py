#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the tables of results into the pages under docs/, from the kept rows in docs/results/.

  tools/result_pages.py           write the tables
  tools/result_pages.py --check   exit with 1 and name what differs: tables that the rows do not give, figures of rows that their kept
                                  outputs do not have, figures in the text of results.md and experiments.md that no kept file has

A table is enclosed by two comments and is replaced as a whole:
  <!-- rows: KIND name="value" ... -->
  <!-- end of rows -->
KIND, with file names from docs/results/ and specifications from the root of the project:
  experiment spec= rows= [here=]       the whole table of an experiment; here: what --set changed
  cells spec= rows= measures= [data=]  some measures, entries separated by |
  expected spec= rows=                 what was expected, with differences paired by seed
  models table=                        rows of ferplus.jsonl
  occlusion rows=                      models on covered faces (tools/occlusion.py)
  distributions metrics= votes= [run=] Ada-DF's class distributions beside the votes
How a row gets in: docs/experiments.md, "How a figure gets on a page"."""
import argparse
import re
import shlex
import sys
from pathlib import Path

import result_models
from experiment import ExperimentError, read_experiment
from experiment_table import columns_tables, expectations, rows_table, table
from occlusion import occlusion_table
from result_models import RowError, read_rows

ROOT = Path(__file__).resolve().parent.parent
BLOCK = re.compile(r"(<!-- rows: (?P<what>.*?) -->\n)(?P<lines>.*?)(<!-- end of rows -->)", re.DOTALL)
PROSE_PAGES = ("docs/results.md", "docs/experiments.md")


class PageError(Exception):
    pass


def experiment_of(root, given):
    spec = read_experiment(root / given["spec"])
    if "here" in given:
        spec["title"] += f"; here with {given['here']}"
    rows = read_rows(root / "docs/results" / given["rows"])
    spec["variant"] = [variant for variant in spec["variant"] if any(row["variant"] == variant["name"] for row in rows)]
    return spec, rows


def cells(root, given):
    spec, rows = experiment_of(root, given)
    spec["measures"] = given["measures"].split("|")
    if "data" in given:
        spec["data"] = [data for data in spec["data"] if data["name"] in given["data"].split("|")]
    make = columns_tables if spec["layout"] == "columns" else rows_table
    return make(spec, rows, with_minutes=False)


def lines_of(root, what):
    """The lines of one generated table."""
    kind, *words = shlex.split(what)
    given = dict(word.split("=", 1) for word in words)
    results = root / "docs/results"
    try:
        if kind == "experiment":
            return table(*experiment_of(root, given)).rstrip("\n").split("\n")
        if kind == "cells":
            return cells(root, given)
        if kind == "expected":
            return expectations(*experiment_of(root, given))[1:]
        if kind == "models":
            return result_models.models_table(results, given["table"])
        if kind == "occlusion":
            return occlusion_table(results / given["rows"])
        if kind == "distributions":
            return result_models.distributions_table(results, given["metrics"], given.get("run"), given["votes"])
    except KeyError as missing:
        raise PageError(f"rows: {what}: {missing} is missing.") from missing
    raise PageError(f"rows: {what}: {kind!r} is none of experiment, cells, expected, models, occlusion, distributions.")


def written(root, text):
    """A page with all of its tables as the rows give them."""
    return BLOCK.sub(lambda block: f"{block[1]}" + "\n".join(lines_of(root, block["what"])) + f"\n{block[4]}", text)


def numbers_of(path):
    return [float(number) for number in re.findall(r"(?<![\w.])\d+\.?\d*(?:e[-+]?\d+)?", path.read_text())]


def is_rounding(text, numbers):
    """Whether a figure is one of the numbers, or a hundred times one of them, rounded to the figure's places."""
    mantissa, _, exponent = text.partition("e")
    places = len(mantissa.split(".")[1])
    if exponent:
        return f"{float(text):.{places}e}" in (f"{number:.{places}e}" for number in numbers)
    return any(f"{number * factor:.{places}f}" == text for number in numbers for factor in (1, 100))


def loose_figures(page):
    """Decimal figures in the text of a page that no kept file has to which the same section links. Rows (.jsonl) hold too many numbers to
    prove anything: what they say belongs in a generated table."""
    text = re.sub(r"```.*?```", "", BLOCK.sub("", page.read_text()), flags=re.DOTALL)
    for section in re.split(r"^(?=#)", text, flags=re.MULTILINE):
        kept = {page.parent / target for target in re.findall(r"\]\((results/[^)#\s]+)", section)}
        numbers = [number for path in sorted(kept) if path.is_file() and path.suffix != ".jsonl" for number in numbers_of(path)]
        plain = re.sub(r"\]\([^)]*\)|`[^`]*`|<!--.*?-->", "", section)
        for figure in re.findall(r"(?<![\w.])\d+\.\d+(?:e-?\d+)?(?![\w.]*\w)", plain):
            if not is_rounding(figure, numbers):
                yield f"{page.name}: {figure} in the section {section.splitlines()[0]!r} is in none of the kept files that it links to"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 where something differs")
    parser.add_argument("--root", type=Path, default=ROOT, help="root of the project")
    arguments = parser.parse_args()
    findings = []
    for page in sorted((arguments.root / "docs").rglob("*.md")):
        text = page.read_text()
        try:
            new = written(arguments.root, text)
        except (PageError, ExperimentError, RowError, OSError) as error:
            sys.exit(f"result_pages: {page}: {error}")
        if new == text:
            continue
        if arguments.check:
            findings.append(f"{page.relative_to(arguments.root)}: its tables are not what the rows give; run tools/result_pages.py")
        else:
            page.write_text(new)
            print(page.relative_to(arguments.root))
    if arguments.check:
        findings += result_models.unkept(arguments.root / "docs/results")
        findings += [finding for name in PROSE_PAGES for finding in loose_figures(arguments.root / name)]
        print("\n".join(findings + [f"{len(findings)} findings"]))
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
