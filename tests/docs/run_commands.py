#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The commands that README and docs show, held against the programs: run_commands.py BIN ROOT

Every one of them must name a command and options that exist. Those whose files can be had in a moment are run, in a
folder with a sample picture, a small data set in FER+'s layout and copies of the shipped model."""
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

FENCE = re.compile(r"^```[a-z]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:\./)?mien [^`]+)`")
WRAPPER = {"test", "setup", "package"}            # commands of ./mien itself
# Others, such as train and verify, have system tests of their own.
RUNS = {"predict", "models", "methods", "doctor", "data check", "data pack", "data subset", "data noise", "eval", "calibrate", "bench"}
PICTURES = ("photo.jpg", "me.jpg", "my.jpg", "YOUR.jpg", "wedding/a.jpg", "holiday/a.jpg", "crops/a.jpg")
MODELS = ("model.onnx", "mine.onnx", "calibrated.onnx", "models/dan-ferplus.onnx")


def shown_commands(root):
    """(page, line as shown) in the order of the pages."""
    for page in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        text = page.read_text()
        lines = [line for block in FENCE.findall(text) for line in block.splitlines()]
        for line in lines + INLINE.findall(FENCE.sub("", text)):
            if re.match(r"(\./)?mien [a-z]", line.strip()):
                yield page.relative_to(root).as_posix(), line.strip()


def words_of(line):
    """The words of a command as shown, without what explains it; None where it is cut short by an ellipsis."""
    line = re.split(r"\s{2,}|\s#|\s\[", line.replace("\\|", "|"))[0]
    if "…" in line or "..." in line:
        return None
    line = line.split(" > ")[0]
    try:
        return shlex.split(line)[1:]
    except ValueError:
        return None


class Programs:
    def __init__(self, folder):
        self.folder, self.cache = folder, {}

    def help(self, command):
        """The help text of a command, from the program that has it; None where neither has."""
        if command not in self.cache:
            texts = []
            for program in ("mien-lab", "mien"):
                if (self.folder / program).exists():
                    done = subprocess.run([self.folder / program, *command.split(), "--help"], capture_output=True, text=True)
                    if done.returncode == 0 and f"{command} [" in done.stdout.split("Options:")[0]:
                        texts.append(done.stdout)
            self.cache[command] = "\n".join(texts) or None
        return self.cache[command]


def command_of(words, programs):
    two = " ".join(words[:2])
    if len(words) > 1 and re.fullmatch(r"[a-z]+", words[1]) and words[0] in ("data", "methods") and programs.help(two):
        return two
    return words[0]


def finding(words, programs):
    """What is wrong with a command as shown; None where nothing is."""
    if words[0] in WRAPPER:
        return None
    command = command_of(words, programs)
    text = programs.help(command)
    if text is None:
        return f"no command is named '{command}'"
    for word in words:
        option = word.split("=")[0]
        if option.startswith("--") and option != "--help" and not re.search(re.escape(option) + r"\b", text):
            return f"'{command}' has no option {option}"
    return None


def fresh_models(folder, root):
    """Copies of the shipped model: a command may have changed the last ones."""
    for name in MODELS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(root / "models/dan-ferplus.onnx", folder / name)


def prepare(folder, root):
    picture = Path(os.environ.get("MIEN_HOME") or Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share") / "mien") / "samples/astronaut.png"
    for name in PICTURES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(picture, folder / name)
    fresh_models(folder, root)
    subprocess.run([sys.executable, root / "tests/system/make_ferplus.py", folder / "fer", "6"], check=True, capture_output=True)
    subprocess.run(["zip", "-qr", "ferplus.zip", "fer"], cwd=folder, check=True)


def has_its_files(words, folder):
    """Whether every file that a command reads is in the folder; what follows -o and --out is written."""
    reads = [w for w, before in zip(words, [""] + words) if before not in ("-o", "--out") and re.search(r"/$|\.[a-z]{3,5}$", w)]
    return all(any(folder.glob(w.rstrip("/"))) for w in reads)


def can_run(words, command, folder):
    if len(words) == len(command.split()) and command not in ("models", "methods", "doctor"):
        return False  # a bare mention in the text
    joined = " ".join(words)
    placeholder = r"\bRUN|NAME|runs/|DIR\b|FILE\b|FOLDER|MODEL\b|METHOD|IN\b|\bOUT\b|PACK|--device|--test\b"
    return command in RUNS and not re.search(placeholder, joined) and has_its_files(words, folder)


def main(folder, root):
    programs, wrong, ran, seen = Programs(folder), [], 0, set()
    with tempfile.TemporaryDirectory(prefix="mien-docs-") as scratch:
        scratch = Path(scratch)
        prepare(scratch, root)
        subprocess.run([folder / "mien", "data", "pack", "fer", "-o", "ferplus.pack"], cwd=scratch, check=True, capture_output=True)
        for page, line in shown_commands(root):
            words = words_of(line)
            if not words:
                continue
            problem = finding(words, programs)
            command = None if problem or words[0] in WRAPPER else command_of(words, programs)
            if command and can_run(words, command, scratch) and tuple(words) not in seen:
                seen.add(tuple(words))
                fresh_models(scratch, root)
                program = folder / ("mien-lab" if words[0] == "methods" else "mien")
                done = subprocess.run([program, *words], cwd=scratch, capture_output=True, text=True)
                ran += 1
                if done.returncode not in ((0, 3) if command == "data check" else (0,)):
                    problem = f"exit code {done.returncode}: {done.stderr.strip().splitlines()[-1] if done.stderr else ''}"
            if problem:
                wrong.append(f"{page}: {line}\n    {problem}")
    print("\n".join(wrong) or f"{ran} commands ran")
    return 1 if wrong or ran < 5 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
