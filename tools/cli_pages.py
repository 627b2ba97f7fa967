#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/cli.md from the programs' own --help, so that the page cannot differ from them.

cli_pages.py --bin build/dev/bin            writes the page
cli_pages.py --bin build/dev/bin --check    exit code 1 where the page differs (MIEN_ACCEPT=1 writes it instead)
"""
import argparse
import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parent.parent / "docs/cli.md"
COMMANDS = [("mien", "predict"), ("mien", "models"), ("mien", "data check"), ("mien", "data pack"), ("mien-lab", "train"), ("mien", "eval"),
            ("mien-lab", "eval"), ("mien-lab", "export"), ("mien-lab", "verify"), ("mien-lab", "methods"), ("mien-lab", "methods show")]


def help_of(folder, program, command):
    output = subprocess.run([folder / program, *command.split(), "--help"], capture_output=True, text=True, check=True).stdout
    return re.sub(r"[ \t]+$", "", output, flags=re.MULTILINE).strip()


def page(folder):
    parts = ["# Commands", "", "Written from the programs' `--help` by `tools/cli_pages.py`; a test holds it equal. `mien` hands training commands to",
             "`mien-lab`, and `eval` for runs and checkpoints too.", ""]
    for program, command in COMMANDS:
        title = f"mien {command}" + (" (exported models)" if (program, command) == ("mien", "eval") else " (runs)" if command == "eval" else "")
        parts += [f"## {title}", "", "```", help_of(folder, program, command), "```", ""]
    return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, type=Path)
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    text = page(args.bin.resolve())
    if args.check and os.environ.get("MIEN_ACCEPT") != "1":
        if PAGE.exists() and PAGE.read_text() == text:
            return 0
        print(f"{PAGE} differs from the programs' --help. Look at the difference, then write it with MIEN_ACCEPT=1.")
        return 1
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
