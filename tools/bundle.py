#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Copies the system's libraries that an installation needs beside it: bundle.py --libs DIR --docs DIR --openvino DIR FILE…

FILE: the built programs and libraries. All that ldd names goes to --libs, but for glibc, which belongs to the system; the
licence of every package that a library comes from, of OpenVINO and of the header-only libraries goes to --docs/licences, the
list to --docs/libraries.txt. Debian only: dpkg tells which package a file is of.
"""
import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

# glibc: a program must run with the system's own, since its loader is outside the archive.
SYSTEM = re.compile(r"^(ld-linux.*|lib(c|m|mvec|dl|rt|pthread|resolv|util|nsl|anl|nss_.*))\.so")
COMPILED_IN = ("nlohmann-json3-dev", "libtomlplusplus-dev", "libcli11-dev", "libxxhash-dev")


def fail(message):
    print(f"bundle: {message}", file=sys.stderr)
    sys.exit(1)


def needed(files):
    """name → path of every library that the files need, at any depth."""
    found = {}
    for file in files:
        done = subprocess.run(["ldd", file], capture_output=True, text=True)
        if done.returncode:
            fail(f"{file}: ldd cannot read it: {done.stderr.strip()}")
        for line in done.stdout.splitlines():
            name, arrow, rest = line.strip().partition(" => ")
            if rest.startswith("not found"):
                fail(f"{file} needs {name}, which is not there. Build again and start anew.")
            if arrow and not SYSTEM.match(name):
                found[name] = Path(rest.split(" (")[0])
    return found


def packages_of(paths):
    """path → Debian package; searched by the end of the path, since /lib and /usr/lib are one folder."""
    names = {path: path.resolve() for path in paths}
    done = subprocess.run(["dpkg", "-S", *sorted({f"*/{real.name}" for real in names.values()})], capture_output=True, text=True)
    owner = {}
    for line in done.stdout.splitlines():
        package, _, file = line.partition(": ")
        owner[Path(file).resolve()] = package.split(":")[0]
    return {path: owner.get(real) for path, real in names.items()}


def copy_licences(folder, packages, openvino):
    folder.mkdir(parents=True, exist_ok=True)
    for package in packages:
        source = Path("/usr/share/doc") / package / "copyright"
        if not source.exists():
            fail(f"{source} is not there, and without its licence {package} may not be passed on. Install the package again.")
        shutil.copyfile(source, folder / package)
    for family in Path("/usr/share/common-licenses").iterdir():  # what the copyright files point at
        shutil.copyfile(family, folder / family.name)
    texts = [p for info in openvino.parent.parent.glob("openvino-*.dist-info") for p in info.rglob("*") if re.match(r"(?i)licen[cs]e|.*third.party|.*EULA", p.name) and p.is_file()]
    if not texts:
        fail(f"OpenVINO's licence is not beside {openvino}.")
    for text in texts:
        shutil.copyfile(text, folder / f"openvino-{text.name}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("libs", "docs", "openvino"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("files", nargs="+", type=Path)
    o = parser.parse_args()
    libraries = {name: path for name, path in needed(o.files).items() if path.resolve().parent != o.openvino.resolve()
                 and path.resolve() not in {f.resolve() for f in o.files}}
    packages = packages_of(libraries.values())
    unknown = [str(path) for path, package in packages.items() if not package]
    if unknown:
        fail(f"No Debian package owns {', '.join(unknown)}, so its licence is unknown. Build against the distribution's libraries.")
    o.libs.mkdir(parents=True, exist_ok=True)
    for name, path in libraries.items():
        shutil.copyfile(path, o.libs / name)
        (o.libs / name).chmod(0o644)
    copy_licences(o.docs / "licences", sorted({*packages.values(), *COMPILED_IN}), o.openvino)
    rows = sorted(f"{name}  {packages[path]}" for name, path in libraries.items())
    (o.docs / "libraries.txt").write_text("Libraries of this archive and the Debian packages that they come from; licences/PACKAGE holds the terms.\n\n" + "\n".join(rows) + "\n")
    print(f"{len(rows)} libraries of {len(set(packages.values()))} packages")


if __name__ == "__main__":
    main()
