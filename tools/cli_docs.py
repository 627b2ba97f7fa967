#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/cli/ and tools/commands.txt from the programs' --help, docs/methods/ from each method's README and its field list, and
docs/models.md from the cards of the shipped models. Pages of a program that is not built are not changed.

  tools/cli_docs.py BIN           write the pages
  tools/cli_docs.py BIN --check   exit with code 1 and list outdated pages"""
import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIST = Path("tools/commands.txt")
LIST_HEAD = "# Program, command, what it does. Written by tools/cli_docs.py from the programs' own help; ./mien reads it.\n"
OF_LAB = " (mien-lab)"  # ends the help of commands that mien hands to mien-lab


def output(binary, *arguments):
    return subprocess.run([str(binary), *arguments], check=True, capture_output=True, text=True).stdout


def subcommands(binary, *words):
    """[(name, help)] as the program lists them."""
    listed = output(binary, *words, "--help").partition("\nSubcommands:\n")[2]
    return re.findall(r"^  ([a-z][a-z-]*) +(.+?)$", listed, re.MULTILINE)


def listed_commands():
    """As the list says that was written last."""
    rows = [line.split(" ", 2) for line in (ROOT / LIST).read_text().splitlines() if not line.startswith("#")]
    return [(program, name, text) for program, name, text in rows]


def commands_of_program(binary):
    """[(program, command, help)]: mien knows its own commands and those of mien-lab."""
    return [("mien-lab" if text.endswith(OF_LAB) else "mien", name, text.removesuffix(OF_LAB)) for name, text in subcommands(binary)]


def with_subcommands(binary, commands):
    return [whole for name in commands for whole in [name, *(f"{name} {sub}" for sub, _ in subcommands(binary, name))]]


def command_page(binary, command):
    text = output(binary, *command.split(), "--help").replace("mien-lab", "mien").strip()
    lines = [line.rstrip() for line in text.splitlines()]
    return f"# mien {command}\n\n{lines[0]}.\n\n```\n" + "\n".join(lines[1:]).strip() + "\n```\n"


def cell(value):
    return str(value).replace("|", "\\|")


def readme_of(method):
    """The folder's README without its title and citation, which the program prints."""
    path = ROOT / "src/mien/methods" / method["name"].replace("-", "_") / "README.md"
    parts = path.read_text().strip().split("\n\n")
    return "\n\n".join(parts[2:])


def method_page(method):
    rows = [f"| `{f['key']}` | `{json.dumps(f['default'])}` | {cell(f['range'] or f['type'])} | {cell(f['help'])} | {cell(f['source'])} |" for f in method["config"]]
    return (f"# {method['title']}\n\n{method['paper']}\n\nPublished weights: {method['licence']}. Stages: {', '.join(method['stages'])}.\n\n"
            f"{readme_of(method)}\n\n## Options\n\n"
            f"`mien methods show {method['name']}` prints these fields; `mien train CONFIG --set key=value` changes one.\n\n"
            "| field | default | range | meaning | source |\n|---|---|---|---|---|\n" + "\n".join(rows) + "\n")


def milliseconds(time, weights):
    """A time belongs to the weights that were measured."""
    return f"{time['ms']:.2g}" if time and time["weights"] == weights else "–"


def model_row(model, times):
    spec, training, test = model["input"], model["training"], model["metrics"].get("test")
    figures = ("–",) * 3
    if test and "map50" in test:
        figures = (f"mAP50 {100 * test['map50']:.1f} %", "–", "–")
    elif test:
        low, high = test["accuracy_interval"]
        figures = (f"{100 * test['accuracy']:.1f} % [{100 * low:.1f}, {100 * high:.1f}]", f"{100 * test['mean_recall']:.1f} %", f"{100 * test['ece']:.1f} %")
    cells = (f"`{model['name']}`", f"[{model['method']}](methods/{model['method']}.md)", f"{spec['width']} px {spec['color']}", len(model["classes"]),
             f"{model['parameters'] / 1e6:.2f} M", f"{model['multiply_adds'] / 1e6:.0f} M", f"{Path(model['file']).stat().st_size / 1e6:.1f} MB",
             milliseconds(times["models"].get(model["name"]), model["weights_hash"]), training.get("data_set", "–"), *figures, training.get("licence", "–"))
    return "| " + " | ".join(map(cell, cells)) + " |"


def others_table(others):
    """Networks that are measured and not shipped: part-based's headline is its size."""
    if not others:
        return ""
    rows = [f"| `{name}` | [{o['method']}](methods/{o['method']}.md) | {o['side']} px {o['color']} | {o['parameters'] / 1e6:.2f} M | {o['multiply_adds'] / 1e6:.0f} M "
            f"| {o['bytes'] / 1e6:.1f} MB | {o['ms']:.2g} |" for name, o in others.items()]
    return ("Measured in the same way, untrained and not shipped:\n\n| network | method | input | parameters | multiply-adds | file | ms |\n"
            "|---|---|---|---|---|---|---|\n" + "\n".join(rows) + "\n\n")


def half_note(errors):
    worst, answer = max(errors, key=errors.get), next(iter(errors))
    return f"Half precision changes `{answer}` by {errors[answer]:.1e} (relative); the largest change is that of `{worst}`, {errors[worst]:.1e}."


def model_page(binary):
    """The shipped models, without other models on this machine."""
    models = [m for m in json.loads(output(binary, "models", "--json")) if Path(m["file"]).resolve().parent == ROOT / "models"]
    if not models:
        sys.exit(f"'mien models' of {binary} finds no model in {ROOT / 'models'}: use the programs that were built from this folder")
    halves = json.loads((ROOT / "docs/results/half-precision.json").read_text())
    notes = [f"- `{Path(m['file']).name}`: weights `{m['weights_hash']}`; classes in the order of the logits: {', '.join(m['classes'])}. "
             + half_note(halves[m["name"]]) for m in models]
    times = json.loads((ROOT / "docs/results/model-times.json").read_text())
    return ("# Shipped models\n\nThis table shows the output of `mien models --json` for the files in `models/`. The figures come from each model's card and were measured "
            "on the test part of its data set; [results](results.md) has the commands. [tools/half_error.py](../tools/half_error.py) measured the "
            "effect of half precision.\n\n"
            "| model | method | input | classes | parameters | multiply-adds | file | ms | trained on | test accuracy [95 %] | mean recall | ECE | licence of the data |\n"
            "|" + "---|" * 13 + "\n" + "\n".join(model_row(m, times) for m in models) + "\n\n"
            f"ms: one forward pass of one face, all outputs included, on {times['machine']} (the shortest of {times['rounds'] * times['passes']} passes, "
            "[tools/model_times.py](../tools/model_times.py)); `mien models --time` measures the median on your machine.\n\n" + others_table(times["others"]) + "\n".join(notes) + "\n")


def pages(binaries):
    programs = [program for program in ("mien", "mien-lab") if (binaries / program).exists()]
    if not programs:
        sys.exit(f"{binaries}: neither mien nor mien-lab found")
    result = {}
    listed = commands_of_program(binaries / "mien") if "mien" in programs else listed_commands()
    if "mien" in programs:
        result[Path("docs/models.md")] = model_page(binaries / "mien")
        result[LIST] = LIST_HEAD + "".join(f"{program} {name} {text}\n" for program, name, text in listed)
    names = []
    for program in programs:
        commands = with_subcommands(binaries / program, [name for owner, name, _ in listed if owner == program])
        names += [f"- [`mien {c}`]({c.replace(' ', '-')}.md)" for c in commands]
        for command in commands:
            result[Path("docs/cli") / (command.replace(" ", "-") + ".md")] = command_page(binaries / program, command)
    if len(programs) == 2:
        result[Path("docs/cli/README.md")] = ("# Commands\n\n" + "\n".join(names) + "\n\nExit codes: 0 done, 1 failed, 2 wrong usage, 3 bad input, 4 model or data "
                                              "missing, 130 interrupted. Machine-readable formats: [formats](../formats.md).\n")
    for method in json.loads(output(binaries / "mien-lab", "methods", "--json")) if "mien-lab" in programs else []:
        result[Path("docs/methods") / (method["name"] + ".md")] = method_page(method)
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bin", type=Path, help="folder with the programs")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    stale = []
    for path, text in pages(arguments.bin.resolve()).items():
        target = ROOT / path
        if arguments.check:
            if not target.exists() or target.read_text() != text:
                stale.append(str(path))
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
    if stale:
        print(f"outdated: {', '.join(stale)}. Run: tools/cli_docs.py {arguments.bin}")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
