#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Installs a build tree, moves the installation, and uses it as a stranger would: check_install.py BUILD [CMAKE]

The installed program, a C++ and a C program that know only find_package(mien) must name the expression of the sample
picture with the user's own folders and the source tree's variables out of sight."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CONSUMER = Path(__file__).resolve().parent / "consumer"


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    assert done.returncode == options.get("expected", 0), f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def main(build, cmake="cmake"):
    with tempfile.TemporaryDirectory(prefix="mien-install-") as scratch:
        scratch = Path(scratch)
        run(cmake, "--install", build, "--prefix", scratch / "first")
        prefix = scratch / "moved"
        shutil.move(scratch / "first", prefix)

        clean = {"PATH": os.environ["PATH"], "HOME": str(scratch / "home"), "MIEN_CACHE": str(scratch / "cache")}
        picture = prefix / "share/mien/samples/astronaut.png"
        run(cmake, "-S", CONSUMER, "-B", scratch / "build", f"-DCMAKE_PREFIX_PATH={prefix}", env=clean)
        run(cmake, "--build", scratch / "build", env=clean)
        refused = subprocess.run([cmake, "-S", CONSUMER, "-B", scratch / "other", f"-DCMAKE_PREFIX_PATH={prefix}", "-DCOMPONENT=train"],
                                 env=clean, capture_output=True, text=True)
        assert refused.returncode and "no component 'train'" in refused.stderr, refused
        for program in ("hello", "hello_c"):
            said = run(scratch / "build" / program, picture, env=clean)
            assert said.startswith("happiness 0."), f"{program} said: {said}"
        said = run(prefix / "bin/mien", "predict", picture, "--format", "csv", env=clean)
        assert "happiness" in said, said
        assert str(prefix) in run(prefix / "bin/mien", "models", "--json", env=clean), "models are not those of the installation"
        flags = run("pkg-config", "--cflags", "--libs", "mien",
                    env=clean | {"PKG_CONFIG_PATH": str(next(prefix.glob("lib*/**/pkgconfig")))}).split()
        run("c++", "-std=c++20", CONSUMER / "hello.cc", "-o", scratch / "by-hand", *flags, env=clean)
        missing = subprocess.run([scratch / "build/hello", "nowhere.jpg"], env=clean, capture_output=True, text=True)
        assert missing.returncode == 4 and "nowhere.jpg" in missing.stderr, missing
    print("installed, moved, used from C++ and C")


if __name__ == "__main__":
    main(*sys.argv[1:])
