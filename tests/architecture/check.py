#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Holds every #include under src/mien against the table of arrows in docs/architecture.md.

Also: third-party headers only where the table allows them, the licence line first, at most 350 lines per file (tests
apart), no OpenVINO or OpenCV in a header of runtime, and every C++ file formatted by .clang-format with the pinned
major version of clang-format (Debian's package clang-format-16). Prints one line per finding; exit code 1 where there
is one.
"""
import re
import shutil
import subprocess
import sys
from pathlib import Path

MAX_LINES = 350
FORMATTER = "clang-format-16"
FORMATTED = ("src", "include", "tests", "bench")
LICENCE = "SPDX-License-Identifier: Apache-2.0"
THIRD_PARTY = {  # name in the table → headers
    "torch": r"(torch|ATen|c10)/", "opencv": r"opencv2/", "openvino": r"openvino/", "onnxruntime": r"onnxruntime",
    "json": r"nlohmann/", "toml": r"toml\+\+/", "xxhash": r"xxhash", "cli11": r"CLI/", "zip": r"zip(conf)?\.h",
    "openssl": r"openssl/", "codecs": r"(jpeglib|jerror|spng|tiffio|gif_lib)\.h|(webp|libexif|libheif)/", "stb": r"stb/",
}
PUBLIC = ("mien/mien.hpp", "mien/mien.h")  # include/mien
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)


def read_table(text):
    """Folder → (set of folders, set of third parties), as written."""
    table = {}
    body = text.split("<!-- arrows: begin -->")[1].split("<!-- arrows: end -->")[0]
    for line in body.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) < 3 or cells[0] in ("folder", "") or set(cells[0]) <= set("-: "):
            continue
        split = lambda cell: {word.strip() for word in cell.split(",")} - {"–", "-", ""}
        table[cells[0]] = (split(cells[1]), split(cells[2]))
    return table


def reachable(table, folder):
    """What a folder may include: itself, its row, and what those may."""
    seen, queue = set(), [folder]
    while queue:
        name = queue.pop()
        if name in seen:
            continue
        seen.add(name)
        allowed = table.get(name, (set(), set()))[0]
        queue += list(table) if "all" in allowed else list(allowed)
    return seen


def folder_of(path):
    """Row of the table for a path below src/mien: "methods/x" for a method's own folder."""
    parts = Path(path).parts
    if parts[0] == "methods" and len(parts) > 2:
        return "methods/x"
    return parts[0]


def check_file(table, path, text):
    """Findings for one file; `path` is relative to src/mien."""
    findings = []
    folder = folder_of(path)
    is_test = path.endswith("_test.cc")
    if LICENCE not in text.split("\n", 1)[0]:
        findings.append(f"{path}: the first line is not the licence line '{LICENCE}'")
    lines = text.count("\n")
    if lines > MAX_LINES and not is_test:
        findings.append(f"{path}: {lines} lines, at most {MAX_LINES}; split it along the nouns")
    if folder not in table:
        return findings + [f"{path}: folder '{folder}' has no row in docs/architecture.md"]
    allowed, third = reachable(table, folder), table[folder][1]
    for bracket, target in INCLUDE.findall(text):
        if target in PUBLIC:
            if folder not in ("api", "app"):
                findings.append(f"{path}: '{folder}' may not include the public face {target}")
            continue
        if target.startswith("mien/"):
            other = target[len("mien/"):]
            if folder_of(other) not in allowed:
                findings.append(f"{path}: '{folder}' may not include {target}")
            elif folder == folder_of(other) == "methods/x" and Path(path).parts[1] != Path(other).parts[1]:
                findings.append(f"{path}: one method may not include another: {target}")
            continue
        for name, pattern in THIRD_PARTY.items():
            if re.match(pattern, target) and name not in third:
                findings.append(f"{path}: '{folder}' may not include {name}: {bracket}{target}")
        if folder == "runtime" and path.endswith(".h") and re.match(r"openvino|opencv2", target):
            findings.append(f"{path}: a header of runtime shows {target}")
    if folder == "runtime" and path.endswith(".h") and re.search(r"\b(ov|cv)::", text):
        findings.append(f"{path}: a header of runtime shows a type of OpenVINO or OpenCV")
    return findings


def check_tree(root):
    table = read_table((root / "docs/architecture.md").read_text())
    source = root / "src/mien"
    findings, seen = [], set()
    for file in sorted(source.rglob("*")):
        if file.suffix not in (".h", ".cc", ".cu"):
            continue
        path = file.relative_to(source).as_posix()
        seen.add(folder_of(path))
        findings += check_file(table, path, file.read_text())
    # graph → bundle and the like may be header-only one day; a row without a folder is a lie all the same.
    findings += [f"docs/architecture.md: row '{row}' has no folder with sources" for row in table if row not in seen]
    for row, (allowed, third) in table.items():
        findings += [f"docs/architecture.md: row '{row}' names the unknown folder '{name}'" for name in allowed - set(table) - {"all"}]
        findings += [f"docs/architecture.md: row '{row}' names the unknown library '{name}'" for name in third - set(THIRD_PARTY)]
        if row in {name for other in allowed for name in reachable(table, other)} and "all" not in allowed:
            findings.append(f"docs/architecture.md: '{row}' reaches itself")
    return findings


def check_format(root):
    """One finding per file that the formatter would change."""
    files = [f for folder in FORMATTED for f in sorted((root / folder).rglob("*")) if f.suffix in (".h", ".hpp", ".cc", ".c")]
    if shutil.which(FORMATTER) is None:
        return [f"{FORMATTER} is not installed, so the formatting was not checked; ./mien test installs it"]
    run = subprocess.run([FORMATTER, "--dry-run", "--ferror-limit=1", *map(str, files)], capture_output=True, text=True)
    wrong = dict.fromkeys(re.findall(r"^(\S+?):\d+:\d+: warning: code should be clang-formatted", run.stderr, re.MULTILINE))
    return [f"{Path(f).relative_to(root)}: not formatted; run {FORMATTER} -i {Path(f).relative_to(root)}" for f in wrong]


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    findings = check_format(root) + check_tree(root)
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
