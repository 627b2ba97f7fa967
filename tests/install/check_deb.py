#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the .deb, unpacks it, and starts its program among fake libraries: check_deb.py BUILD [CPACK]

The package is not installed: its program finds its own parts beside itself, and the system's libraries are those of the
machine that built it."""
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "support"))
import hostile_folder

SKIPPED = 77


def main(build, cpack="cpack"):
    if not shutil.which("dpkg-deb") or not shutil.which("dpkg-shlibdeps"):
        print("SKIPPED: no dpkg-deb or dpkg-shlibdeps here")
        return SKIPPED
    with tempfile.TemporaryDirectory(prefix="mien-deb-") as scratch:
        scratch = Path(scratch)
        made = subprocess.run([cpack, "-G", "DEB", "--config", str(Path(build) / "CPackConfig.cmake"), "-B", str(scratch / "package")],
                              capture_output=True, text=True)
        assert made.returncode == 0, made.stdout[-4000:] + made.stderr[-4000:]
        package = next((scratch / "package").glob("*.deb"))
        recommended = subprocess.run(["dpkg-deb", "-f", str(package), "Recommends"], capture_output=True, text=True, check=True).stdout
        assert recommended.strip() == "libheif1", recommended
        subprocess.run(["dpkg-deb", "-x", str(package), str(scratch / "root")], check=True)
        program, picture = scratch / "root/usr/bin/mien", scratch / "root/usr/share/mien/samples/astronaut.png"
        paths = subprocess.run(["readelf", "-d", str(program)], capture_output=True, text=True, check=True).stdout
        assert "[$ORIGIN/../" in paths, paths
        for folder in hostile_folder.fill(scratch / "hostile", [program]):
            done = subprocess.run([str(program), "predict", "--report", "none", str(picture)], cwd=folder, capture_output=True, text=True)
            assert done.returncode == 0 and "happiness" in done.stdout and "FAKE" not in done.stderr, (folder, done)
        print(f"{package.name}: ran among fake libraries")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
