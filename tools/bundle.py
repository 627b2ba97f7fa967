#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Copies the system's libraries that an installation needs beside it: bundle.py --libs DIR --docs DIR --openvino DIR --compiler C++ FILE…

FILE: the built programs and libraries. All libraries that ldd names go to --libs, except glibc, which belongs to the system,
and JBIG-KIT, which is under the GPL: libtiff links it, mien does not use it, and tools/libjbig.cc takes its place. The licence of
every package that a library comes from, of OpenVINO and of the header-only libraries goes to --docs/licences, the list to
--docs/libraries.txt. Debian only: dpkg names the package of a file.
"""
import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

# glibc: a program must run with the system's own, since its loader is outside the archive.
SYSTEM = re.compile(r"^(ld-linux.*|lib(c|m|mvec|dl|rt|pthread|resolv|util|nsl|anl|nss_.*))\.so")
JBIG, JBIG_STAND_IN = "libjbig.so.0", Path(__file__).resolve().parent / "libjbig.cc"
COMPILED_IN = ("nlohmann-json3-dev", "libtomlplusplus-dev", "libcli11-dev", "libxxhash-dev")


def fail(message):
    print(f"bundle: {message}", file=sys.stderr)
    sys.exit(1)


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode:
        fail(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


def needed(files):
    """name → path of every library that the files need, at any depth."""
    path_of = {}
    for file in files:
        for line in run("ldd", file).splitlines():
            name, arrow, rest = line.strip().partition(" => ")
            if rest.startswith("not found"):
                fail(f"{file} needs {name}, which is not there. Build and start again.")
            if arrow and not SYSTEM.match(name):
                path_of[name] = Path(rest.split(" (")[0])
    found, waiting = {}, list(files)
    while waiting:
        for name in re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", waiting.pop())):
            if name in path_of and name not in found:
                found[name] = path_of[name]
                waiting.append(path_of[name])
    return found


def make_jbig(folder, compiler, original, users):
    """Compiles the stand-in; it must define every symbol that a user takes from the original."""
    target = folder / JBIG
    run(compiler, "-std=c++20", "-O2", "-fPIC", "-shared", "-s", f"-Wl,-soname,{JBIG}", JBIG_STAND_IN, "-o", target)
    kept = symbols(target, "--defined-only").union(*(symbols(user, "--defined-only") for user in users))
    lost = symbols(original, "--defined-only") - kept
    for user in users:
        if lacking := lost & symbols(user, "--undefined-only"):
            fail(f"{user} needs {', '.join(sorted(lacking)[:5])} of {JBIG}: add it to {JBIG_STAND_IN}.")


def symbols(file, which):
    return {line.split()[-1].split("@")[0] for line in run("nm", "-D", which, file).splitlines()}


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
    parser.add_argument("--compiler", default="c++", help="for the stand-in")
    parser.add_argument("files", nargs="+", type=Path)
    o = parser.parse_args()
    libraries = {name: path for name, path in needed(o.files).items() if path.resolve().parent != o.openvino.resolve()
                 and path.resolve() not in {f.resolve() for f in o.files}}
    jbig = libraries.pop(JBIG, None)
    packages = packages_of(libraries.values())
    unknown = [str(path) for path, package in packages.items() if not package]
    if unknown:
        fail(f"No Debian package owns {', '.join(unknown)}, so its licence is unknown. Build against the distribution's libraries.")
    o.libs.mkdir(parents=True, exist_ok=True)
    for name, path in libraries.items():
        shutil.copyfile(path, o.libs / name)
        (o.libs / name).chmod(0o644)
    if jbig:
        make_jbig(o.libs, o.compiler, jbig, [*o.files, *libraries.values()])
    copy_licences(o.docs / "licences", sorted({*packages.values(), *COMPILED_IN}), o.openvino)
    rows = [f"{name}  {packages[path]}" for name, path in libraries.items()] + ([f"{JBIG}  an empty library of mien instead of JBIG-KIT"] if jbig else [])
    (o.docs / "libraries.txt").write_text("Libraries of this archive and the Debian packages that they come from; licences/PACKAGE holds the terms.\n\n" + "\n".join(sorted(rows)) + "\n")
    print(f"{len(libraries)} libraries of {len(set(packages.values()))} packages")


if __name__ == "__main__":
    main()
