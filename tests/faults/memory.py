#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""memory.py MIEN PICTURE [COUNT]: predict over COUNT pictures of 600 random sizes with none to nine faces; the resident
memory after each hundred rows goes to stdout. Exit code 1 where it grows by more than a tenth from the 500th row on."""
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

SIZES = 600


def make(photo, folder, count):
    rng, head = random.Random(0), photo.crop((120, 10, 320, 230))
    for i in range(min(SIZES, count)):
        width, height = rng.randint(100, 640), rng.randint(100, 640)
        picture = Image.new("RGB", (width, height), tuple(rng.randrange(256) for _ in range(3)))
        side = max(40, min(width, height) // 3)
        for k in rng.sample(range(9), rng.randint(0, 9)):
            picture.paste(head.resize((side, side)), (k % 3 * width // 3, k // 3 * height // 3))
        picture.save(folder / f"{i:05}.jpg", quality=90)
    for i in range(SIZES, count):
        os.link(folder / f"{i % SIZES:05}.jpg", folder / f"{i:05}.jpg")


def resident_mb(pid):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024


def main():
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 5000
    with tempfile.TemporaryDirectory(prefix="mien-memory-") as name:
        folder, seen = Path(name), {}
        make(Image.open(sys.argv[2]).convert("RGB"), folder, count)
        with subprocess.Popen([sys.argv[1], "predict", "--threads", "1", "--format", "jsonl", name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            for row, _ in enumerate(process.stdout, 1):
                if row in (60, count - 1) or row % 100 == 0:
                    seen[row] = resident_mb(process.pid) if row < count else max(seen.values())
                    print(f"{row} {seen[row]:.0f} MB", flush=True)
    early = seen[500] if 500 in seen else seen[60]
    print(f"exit code {process.returncode}; {early:.0f} MB → {seen[count - 1]:.0f} MB")
    return 0 if process.returncode == 0 and seen[count - 1] <= 1.1 * early else 1


if __name__ == "__main__":
    sys.exit(main())
