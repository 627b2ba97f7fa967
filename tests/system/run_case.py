#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one *.case file: a list of commands and their expected results.

A case is lines "key: value"; '#' starts a comment line. Header:
  description: one sentence
  needs: mien lab demo model data zsh fish mandoc (words; what is not there skips the case with exit code 77)
  setup: shell line, must succeed (may repeat; runs in the case's own folder)
Then one or more steps, each begun by
  run: shell line
and followed by its expectations:
  exit: code (default 0)
  stdout: / stderr: regular expression that must be found; not-stdout: / not-stderr: must not be found
  json: Python expression over `out` (stdout parsed as JSON) that must be true; jsonl: the same over a list of rows
  exists: / absent: file that must (not) be there
  timeout: seconds (default 120)
Placeholders: {tmp} own empty folder, {mien} {lab} the programs, {data} the data folder, {demo} the sample picture, {root}
the source tree, {system} the folder of the cases, {support} that of tests/support, {py} Python.
After each step the case's folder must not contain a temporary file of an unfinished write, and no program may have crashed.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77
HEADER = ("description", "needs", "setup")
STEP = ("exit", "stdout", "stderr", "not-stdout", "not-stderr", "json", "jsonl", "exists", "absent", "timeout")
UNFINISHED = re.compile(r"\.(tmp|part|partial|unfinished)([.-]|$)|^\.tmp")


class CaseError(Exception):
    """The case file itself is wrong."""


def parse(text, origin="case"):
    """(header: {key: [values]}, steps: [{"run": line, key: [values]}])."""
    header, steps = {key: [] for key in HEADER}, []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        key, colon, value = line.partition(":")
        key, value = key.strip(), value.strip()
        if not colon:
            raise CaseError(f"{origin}:{number}: no 'key: value': {line}")
        if key == "run":
            steps.append({"run": value, **{k: [] for k in STEP}})
        elif key in STEP:
            if not steps:
                raise CaseError(f"{origin}:{number}: '{key}' before the first 'run'")
            steps[-1][key].append(value)
            if key.endswith(("stdout", "stderr")):
                try:
                    re.compile(value)
                except re.error as error:
                    raise CaseError(f"{origin}:{number}: {error}: {value}")
        elif key in HEADER:
            if steps:
                raise CaseError(f"{origin}:{number}: '{key}' after the first 'run'")
            header[key].append(value)
        else:
            raise CaseError(f"{origin}:{number}: unknown key '{key}'")
    if len(header["description"]) != 1 or not steps:
        raise CaseError(f"{origin}: needs one description and at least one run")
    return header, steps


def fill(text, values):
    return re.sub(r"\{(\w+)\}", lambda m: values.get(m.group(1), m.group(0)), text)


def missing_need(needs, values):
    """The first need that is not there, as a reason; None where all are."""
    reasons = {
        "mien": ("mien", "the program mien is not built"), "lab": ("lab", "the program mien-lab is not built"),
        "demo": ("demo", "the sample picture is not fetched (./mien setup predict)"),
        "model": ("model", "no shipped model under models/"), "data": ("data", "no data folder; set MIEN_DATA"),
        "qemu": ("qemu", "qemu-x86_64 is not installed"), "zsh": ("zsh", "zsh is not installed"),
        "fish": ("fish", "fish is not installed"), "mandoc": ("mandoc", "mandoc is not installed"),
        "pillow": ("pillow", "this Python has no Pillow"),
        "limits": ("limits", "under AddressSanitizer address space cannot be limited"),
        "user": ("user", "running as root, and setpriv cannot give up root's right to read everything"),
    }
    for need in needs:
        if need not in reasons:
            raise CaseError(f"unknown need '{need}'")
        key, reason = reasons[need]
        if not values.get(key) or not Path(values[key]).exists():
            return reason
    return None


def check_json(expressions, load, failures):
    if not expressions:
        return
    try:
        out = load()
    except ValueError as error:
        failures.append(f"stdout is not JSON: {error}")
        return
    for expression in expressions:
        try:
            good = eval(expression, {"out": out, "re": re})  # cases are part of the source tree
        except Exception as error:  # a missing key is a failed expectation
            failures.append(f"json: {expression}: {type(error).__name__}: {error}")
            continue
        if not good:
            failures.append(f"json is false: {expression}")


def check_step(step, code, stdout, stderr, tmp):
    failures = []
    expected = int(step["exit"][0]) if step["exit"] else 0
    if code != expected:
        failures.append(f"exit code {code}, expected {expected}")
    if code < 0 or code in (134, 136, 139):
        failures.append("the program crashed")
    for stream, text in (("stdout", stdout), ("stderr", stderr)):
        for pattern in step[stream]:
            if not re.search(pattern, text, re.MULTILINE):
                failures.append(f"{stream} lacks /{pattern}/")
        for pattern in step["not-" + stream]:
            if re.search(pattern, text, re.MULTILINE):
                failures.append(f"{stream} has /{pattern}/")
    check_json(step["json"], lambda: json.loads(stdout), failures)
    check_json(step["jsonl"], lambda: [json.loads(line) for line in stdout.splitlines() if line.strip()], failures)
    failures += [f"missing file: {path}" for path in step["exists"] if not list(tmp.glob(path) if not path.startswith("/") else [Path(path)] * Path(path).exists())]
    failures += [f"file should not be there: {path}" for path in step["absent"] if (tmp / path).exists() or list(tmp.glob(path) if not path.startswith("/") else [])]
    failures += [f"left behind: {file.relative_to(tmp)}" for file in tmp.rglob("*") if UNFINISHED.search(file.name)]
    return failures


def run_shell(line, cwd, env, timeout):
    # -o pipefail: a failing program before a pipe shows.
    process = subprocess.Popen(["bash", "-o", "pipefail", "-c", line], cwd=cwd, env=env, stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)
    try:
        stdout, stderr = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.communicate()
        return None, "", f"no end within {timeout} s"
    return process.returncode, stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace")


def run_case(file, values, env, talk=print):
    """0 passed, 1 failed, 77 skipped."""
    header, steps = parse(Path(file).read_text(), str(file))
    talk(header["description"][0])
    reason = missing_need([word for line in header["needs"] for word in line.split()], values)
    if reason:
        talk(f"SKIPPED: {reason}")
        return SKIPPED
    tmp = Path(tempfile.mkdtemp(prefix="mien-case-"))
    values = dict(values, tmp=str(tmp))
    try:
        for line in header["setup"]:
            code, stdout, stderr = run_shell(fill(line, values), tmp, env, 120)
            if code != 0:
                talk(f"setup failed ({code}): {fill(line, values)}\n{stdout}{stderr}")
                return 1
        for step in steps:
            step = {key: fill(value, values) if isinstance(value, str) else [fill(v, values) if key in ("exists", "absent") else v for v in value]
                    for key, value in step.items()}
            code, stdout, stderr = run_shell(step["run"], tmp, env, int(step["timeout"][0]) if step["timeout"] else 120)
            failures = ["time limit reached"] if code is None else check_step(step, code, stdout, stderr, tmp)
            if failures:
                talk(f"$ {step['run']}\n--- stdout\n{stdout[-6000:]}\n--- stderr\n{stderr[-6000:]}\n---")
                for failure in failures:
                    talk("FAILED: " + failure)
                return 1
        return 0
    finally:
        shutil.rmtree(tmp, ignore_errors=True)


def demo_picture():
    """Where tools/fetch_assets.py puts the sample picture; as base/file.h finds the folder."""
    home = Path(os.environ.get("MIEN_HOME") or Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "mien")
    return next((str(path) for path in sorted(home.rglob("astronaut.png"))), "")


def python_with_pillow(python):
    """`python` again where it can draw, "" where it can't."""
    return python if subprocess.run([python, "-c", "import PIL, numpy"], capture_output=True).returncode == 0 else ""


def as_user():
    """Words before a command that make file permissions count; None where that is not possible."""
    words = "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search"
    if os.geteuid() != 0:
        return ""
    return words if shutil.which("setpriv") and subprocess.run(words.split() + ["true"], capture_output=True).returncode == 0 else None


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("case")
    parser.add_argument("--bin", required=True, help="folder of the programs")
    parser.add_argument("--root", required=True, help="source tree")
    args = parser.parse_args()
    root = Path(args.root).resolve()
    bin_dir = Path(args.bin).resolve()
    default = root / "models/dan-ferplus.onnx"  # the one that predict takes by itself
    venv = root / ".venv/bin/python"
    values = {
        "mien": str(bin_dir / "mien"), "lab": str(bin_dir / "mien-lab"), "root": str(root), "demo": demo_picture(),
        "system": str(Path(__file__).resolve().parent), "py": str(venv if venv.exists() else sys.executable),
        "data": os.environ.get("MIEN_DATA") or str(root.parent / "shared/data"), "model": os.environ.get("MIEN_MODEL") or (str(default) if default.exists() else ""),
    }
    values["pillow"] = python_with_pillow(values["py"])
    for need, program in (("qemu", "qemu-x86_64"), ("zsh", "zsh"), ("fish", "fish"), ("mandoc", "mandoc")):
        values[need] = shutil.which(program) or ""
    values["support"] = str(Path(__file__).resolve().parent.parent / "support")
    values["limits"] = "" if os.environ.get("MIEN_SANITIZED") else "/"  # set by tests/support/sanitized.sh
    values["user"] = "/" if as_user() is not None else ""
    values["as_user"] = as_user() or ""
    return run_case(args.case, values, dict(os.environ, LC_ALL="C.UTF-8"))


if __name__ == "__main__":
    sys.exit(main())
