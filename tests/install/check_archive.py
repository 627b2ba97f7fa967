#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the archive and uses it where nothing else is: check_archive.py BUILD [CPACK]

The root that the program then sees holds glibc, /proc, /sys and the unpacked archive: no shell, no compiler, no OpenCV, no
OpenVINO, no source tree, no folder of the user's. It must name the expression of the sample picture."""
import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import hostile_folder

SKIPPED = 77
# As the text after 'sh -c': own mounts and an own root, which vanish with the process.
ENTER = 'mount --rbind /proc "$0/proc" && mount --rbind /sys "$0/sys" && exec chroot "$0" "$@"'


def run(*command, **options):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}: exit code {done.returncode}\n{done.stdout[-4000:]}{done.stderr[-4000:]}"
    return done.stdout


def make_root(root):
    """glibc alone: the loader and the libraries of the process that runs this, by name."""
    for name in ("proc", "sys", "tmp", "dev", "opt"):
        (root / name).mkdir(parents=True)
    loader = Path(re.search(r"(/\S*/ld-linux\S*)", run("ldd", sys.executable)).group(1))
    libc = Path(re.search(r"libc\.so\.6 => (\S+)", run("ldd", sys.executable)).group(1)).parent
    for source in [loader, *(libc / f"lib{n}.so.{v}" for n, v in (("c", 6), ("m", 6), ("mvec", 1), ("dl", 2), ("rt", 1), ("pthread", 0), ("resolv", 2)))]:
        if source.exists():
            target = root / source.relative_to("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            target.chmod(0o755)


def other_formats(sample, folder):
    """The sample in the other kinds of picture, where Pillow is there to write them."""
    try:
        from PIL import Image
    except ImportError:
        return []
    picture = Image.open(sample).convert("RGB")
    kinds = {"a.jpg": {}, "a.bmp": {}, "a.ppm": {}, "a.gif": {}, "a.webp": {"lossless": True}, "plain.tif": {}, "lzw.tif": {"compression": "tiff_lzw"},
             "deflate.tif": {"compression": "tiff_adobe_deflate"}, "jpeg.tif": {"compression": "jpeg"}}
    for name, options in kinds.items():
        picture.save(folder / name, **options)
    return list(kinds)


def main(build, cpack="cpack"):
    unshare = ["unshare", "--map-root-user", "--mount"]
    if not shutil.which("unshare") or subprocess.run([*unshare, "true"], capture_output=True).returncode:
        print("SKIPPED: no own root can be made here (unshare)")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="mien-archive-") as scratch:
        scratch = Path(scratch)
        run(cpack, "-G", "TGZ", "--config", Path(build) / "CPackConfig.cmake", "-B", scratch / "package")
        archive = next((scratch / "package").glob("*.tar.gz"))
        make_root(scratch / "root")
        run("tar", "-xzf", archive, "-C", scratch / "root/opt")
        (unpacked,) = (scratch / "root/opt").iterdir()
        unpacked = unpacked.rename(unpacked.with_name("mien"))  # the name is the user's to choose
        for name in ("LICENSE", "THIRD_PARTY.md", "libraries.txt", "licences/libopencv-core406", "licences/openvino-LICENSE"):
            assert (unpacked / "share/doc/mien" / name).exists(), f"the archive lacks share/doc/mien/{name}"

        carried = (unpacked / "share/doc/mien/libraries.txt").read_text()
        for name in ("x265", "poppler", "libjbig0", "libgdal32", "libheif"):
            assert name not in carried, f"the archive carries {name}, which is under the GPL or brings such along"

        command = [*unshare, "sh", "-c", ENTER, str(scratch / "root"), "/opt/mien/bin/mien"]
        env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/tmp/home", "LC_ALL": "C.UTF-8"}

        def inside(*words):
            return run(*command, *words, env=env)

        rows = list(csv.DictReader(io.StringIO(inside("predict", "/opt/mien/share/mien/samples/astronaut.png", "--format", "csv"))))
        assert [row["expression"] for row in rows] == ["happiness"], rows
        for file in other_formats(unpacked / "share/mien/samples/astronaut.png", scratch / "root/tmp"):
            rows = list(csv.DictReader(io.StringIO(inside("predict", f"/tmp/{file}", "--format", "csv"))))
            assert [row["expression"] for row in rows] == ["happiness"], (file, rows)
        shutil.copyfile(Path(__file__).resolve().parent.parent / "fuzz/corpus/image/a.heic", scratch / "root/tmp/a.heic")
        done = subprocess.run([*command, "predict", "/tmp/a.heic"], capture_output=True, text=True, env=env)
        assert done.returncode == 3 and "apt install libheif1" in done.stderr, done
        files = [model["file"] for model in json.loads(inside("models", "--json"))]
        assert files and all(file.startswith("/opt/mien/share/mien/models/") for file in files), files
        said = inside("doctor")
        assert "is missing" not in said and "failed" not in said, said
        for folder in hostile_folder.fill(scratch / "hostile", [unpacked / "bin/mien"]):
            done = subprocess.run([unpacked / "bin/mien", "predict", "--report", "none", unpacked / "share/mien/samples/astronaut.png"],
                                  cwd=folder, capture_output=True, text=True)
            assert done.returncode == 0 and "FAKE" not in done.stderr, (folder, done)
        print(f"{archive.name}, {archive.stat().st_size / 1e6:.0f} MB: ran on glibc alone")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
