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

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import hostile_folder

CONSUMER = Path(__file__).resolve().parent / "consumer"


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    assert done.returncode == options.get("expected", 0), f"{command}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def check_hostile_folders(program, consumer, picture, scratch, env):
    """Nothing of the working folder is loaded; one that may not be read is no crash."""
    for folder in hostile_folder.fill(scratch / "hostile", [program, consumer]):
        for command in ([program, "predict", picture, "--report", "none"], [program, "doctor"], [consumer, picture]):
            done = subprocess.run([str(c) for c in command], cwd=folder, env=env, capture_output=True, text=True)
            assert done.returncode == 0 and "FAKE" not in done.stderr, (folder, command, done)
    closed = scratch / "closed"
    closed.mkdir()
    line = f"cd '{closed}' && chmod 000 . && exec $MIEN_AS_USER '{program}' predict --report none '{picture}'"
    as_user = "setpriv --bounding-set=-dac_override,-dac_read_search --inh-caps=-dac_override,-dac_read_search" if os.geteuid() == 0 else ""
    done = subprocess.run(["sh", "-c", line], env=env | {"MIEN_AS_USER": as_user}, capture_output=True, text=True)
    assert done.returncode == 0, done


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
        check_hostile_folders(prefix / "bin/mien", scratch / "build/hello_c", picture, scratch, clean)
    print("installed, moved, used from C++ and C; no library of the working folder ran")


if __name__ == "__main__":
    main(*sys.argv[1:])
