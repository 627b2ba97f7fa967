#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fills a folder with libraries that no program may load from there: hostile_folder.py FOLDER PROGRAM…

Each has the name of a library that a PROGRAM (or what it loads) needs, or of a plugin or frontend of OpenVINO. Half the
such folders would do: FOLDER/code holds libraries whose initialiser prints FAKE CODE RAN and ends the process with
code 99, FOLDER/empty holds empty files, at which the loader stops with code 127."""
import re
import shutil
import subprocess
import sys
from pathlib import Path

SOURCE = """
#include <unistd.h>
__attribute__((constructor)) static void run(void) { write(2, "FAKE CODE RAN\\n", 14); _exit(99); }
"""
PARTS = ("auto_plugin", "auto_batch_plugin", "hetero_plugin", "intel_cpu_plugin", "intel_gpu_plugin", "intel_npu_plugin", "template_plugin",
         "ir_frontend", "onnx_frontend", "tensorflow_lite_frontend", "tensorflow_frontend", "pytorch_frontend", "paddle_frontend", "jax_frontend")


def names_for(programs):
    names = {f"libopenvino_{part}.so" for part in PARTS} | {"libtbbmalloc.so.2", "libtbbbind_2_5.so.3", "libtbbbind.so.3", "libnuma.so.1", "libgomp.so.1"}
    for program in programs:
        listed = subprocess.run(["ldd", str(program)], capture_output=True, text=True).stdout
        names |= set(re.findall(r"^\s*(\S+\.so\S*) =>", listed, re.MULTILINE))
    versions = {m.group(1) for name in names if (m := re.fullmatch(r"libopenvino\.so\.(\d+)", name))}
    return names | {f"{name}.{version}" for name in names for version in versions if name.endswith("_frontend.so")}


def fill(folder, programs):
    folder = Path(folder)
    names = names_for(programs)
    for kind in ("code", "empty"):
        (folder / kind).mkdir(parents=True)
    (folder / "fake.c").write_text(SOURCE)
    library = folder / "fake.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", str(library), str(folder / "fake.c")], check=True)
    for name in names:
        shutil.copyfile(library, folder / "code" / name)
        (folder / "empty" / name).touch()
    return [folder / "code", folder / "empty"]


if __name__ == "__main__":
    fill(sys.argv[1], sys.argv[2:])
