#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Packaged programs for facial expressions that carry their weights, and mien: accuracy and time on the same faces, in one run.

  bench/fer_peers.py --setup                                       npm and PyPI packages into --folder (build/peers), once
  bench/fer_peers.py --mien build/release/bin/mien --pack ferplus.pack --data ../shared/data [--portraits 300] [--faces 0]

FER+: the test part, ready-made 48x48 crops, no detector (what each package does with a face it is handed). Portraits: a fixed
random sample of the muxspace pictures with a black border of half their side (they are cut so tightly that some detectors see
no face in them), each program with its own detector; a picture without a face counts as wrong in "all".
Rules: the seven classes that all can say; pictures labelled contempt are left out, and mien's contempt is struck from its
answer before the largest is taken. One thread each; pixels are decoded beforehand, mien's decoding is taken off. Times are
medians per picture of rounds in turns. Needs node 18 or later, npm, Pillow; prints Markdown."""
import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

CLASSES = ["neutral", "happiness", "sadness", "surprise", "fear", "disgust", "anger"]
ALIASES = {"happy": "happiness", "sad": "sadness", "angry": "anger", "fearful": "fear", "disgusted": "disgust", "surprised": "surprise"}
NPM = {"@vladmandic/face-api": "1.7.15", "@vladmandic/human": "3.3.6", "@tensorflow/tfjs": "4.22.0", "@tensorflow/tfjs-backend-wasm": "4.22.0"}
BARE = ["fer==25.10.3", "facex==1.1.0"]  # without what they ask for: video, torch
PYPI = ["tensorflow-cpu", "opencv-contrib-python-headless<5", "pandas", "requests", "tqdm", "pillow", "setuptools<80", "scikit-image"]
PROGRAMS = {"face-api": "npm", "human": "npm", "fer": "python", "facex": "python"}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "TF_NUM_INTRAOP_THREADS": "1", "TF_NUM_INTEROP_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}


def setup(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text(json.dumps({"name": "peers", "private": True, "dependencies": NPM}))
    subprocess.run(["npm", "install", "--no-audit", "--no-fund"], cwd=folder, check=True)
    subprocess.run([sys.executable, "-m", "venv", "venv"], cwd=folder, check=True)
    pip = [str(folder / "venv/bin/pip"), "install", "-q"]
    subprocess.run([*pip, *PYPI], check=True)
    subprocess.run([*pip, "--no-deps", *BARE], check=True)


def worker(which, mode, stem, first, count):
    """Runs under the peers' own Python: {version, ms, names} on stdout, as fer_peers.mjs."""
    from importlib.metadata import version

    import cv2
    import numpy as np

    cv2.setNumThreads(1)
    index = json.loads(Path(f"{stem}.json").read_text())[first:first + count]
    raw = np.fromfile(f"{stem}.bin", np.uint8)
    pictures = [raw[p["offset"]:p["offset"] + 3 * p["width"] * p["height"]].reshape(p["height"], p["width"], 3)[:, :, ::-1].copy() for p in index]
    if which == "fer":
        from fer.fer import FER
        program = FER(offsets=(0, 0)) if mode == "crop" else FER()

        def classify(image):
            faces = program.detect_emotions(image, [(0, 0, image.shape[1], image.shape[0])] if mode == "crop" else None)
            face = max(faces, key=lambda f: f["box"][2] * f["box"][3], default=None)
            return face and max(face["emotions"], key=face["emotions"].get)
    else:
        import facex
        from facex.core import EmotionClassifier
        program = EmotionClassifier(str(Path(facex.__file__).parent / "assets/model_optimized.tflite"))

        def classify(image):
            if mode == "crop":
                result = program.detect_emotion(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY))
            else:
                faces = program.predict(image)
                result = max(faces, key=lambda f: f["bbox"][2] * f["bbox"][3], default={"emot": None})["emot"]
            return result if result is None or isinstance(result, str) else max(result, key=result.get)
    for picture in pictures[:5]:
        classify(picture)
    ms, names = [], []
    for picture in pictures:
        begin = time.perf_counter()
        names.append(classify(picture))
        ms.append(1000 * (time.perf_counter() - begin))
    print(json.dumps({"version": version(which), "ms": ms, "names": names}))


def last_line(command):
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **ONE_THREAD})
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, command))}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def run_peer(name, folder, mode, stem, first, count):
    where = [mode, stem, str(first), str(count)]
    if PROGRAMS[name] == "npm":
        return last_line(["node", Path(__file__).with_suffix(".mjs"), folder / "node_modules", name, *where])
    return last_line([folder / "venv/bin/python", __file__, "--worker", name, *where])


def run_mien(arguments, mode, stem, first, count):
    from crop_rules import main_face

    files = [str(Path(stem) / f"{i:05d}.png") for i in range(first, first + count)]
    command = [arguments.mien, "predict", "--format", "json", "--threads", "1", "--detector", "none" if mode == "crop" else "adaptive"]
    command += ["--model", arguments.model] if arguments.model else []
    done = subprocess.run([*command, *files], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stderr)
    out = json.loads(done.stdout)
    names = []
    for image in out["images"]:
        p = main_face(image["faces"])["probabilities"] if image["faces"] else None
        names.append(p and max(CLASSES, key=p.get))
    each = sum(v for k, v in out["timing_ms"].items() if k in ("detect", "landmarks", "crop", "network", "post")) / count
    return {"version": out["model"]["mien_version"] + ", " + out["model"]["name"], "ms": [each], "names": names}


def judge(labels, names):
    names = [ALIASES.get(n, n) for n in names]
    hits = [a == b for a, b in zip(labels, names)]
    recall = [statistics.mean(h for h, label in zip(hits, labels) if label == k) for k in CLASSES if k in labels]
    return sum(hits), sum(n is None for n in names), statistics.mean(recall)


def compare(title, mode, stem, labels, arguments):
    from crop_rules import interval

    programs = ["mien", *PROGRAMS]
    run = lambda name, first, count: (run_mien(arguments, mode, stem, first, count) if name == "mien"
                                      else run_peer(name, arguments.folder, mode, stem, first, count))
    whole = {name: run(name, 0, len(labels)) for name in programs}
    timed = {name: [] for name in programs}
    for i in range(arguments.rounds):  # in turns, each round beginning with another
        for name in programs[i % len(programs):] + programs[:i % len(programs)]:
            timed[name].append(statistics.median(run(name, 0, min(len(labels), arguments.timed))["ms"]))
    print(f"\n### {title}\n\n| program | accuracy, all [95 %] | without a face | accuracy, found | mean recall | ms per picture | times mien |\n|---|---|---|---|---|---|---|")
    ours = statistics.median(timed["mien"])
    for name in programs:
        n = len(labels)
        hits, missed, recall = judge(labels, whole[name]["names"])
        low, high = interval(hits, n)
        ms = statistics.median(timed[name])
        found = f"{100 * hits / (n - missed):.1f} %" if missed < n else "–"
        print(f"| {name} {whole[name]['version']} | {100 * hits / n:.1f} % [{100 * low:.1f}, {100 * high:.1f}] | {missed} | {found} | {100 * recall:.1f} % | "
              f"{ms:.2f} ({min(timed[name]):.2f} to {max(timed[name]):.2f}) | {ms / ours:.1f} |", flush=True)


def main():
    if "--worker" in sys.argv:
        at = sys.argv.index("--worker")
        which, mode, stem, first, count = sys.argv[at + 1:at + 6]
        return worker(which, mode, stem, int(first), int(count))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--setup", action="store_true")
    parser.add_argument("--folder", type=Path, default=Path("build/peers"))
    parser.add_argument("--mien", default="build/release/bin/mien")
    parser.add_argument("--model")
    parser.add_argument("--pack", default="ferplus.pack")
    parser.add_argument("--data", default="../shared/data")
    parser.add_argument("--faces", type=int, default=0, help="FER+ faces drawn at random (0: all)")
    parser.add_argument("--portraits", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--timed", type=int, default=60, help="pictures per timed round")
    arguments = parser.parse_args()
    arguments.folder = arguments.folder.resolve()
    if arguments.setup:
        return setup(arguments.folder)
    from PIL import ImageOps

    import peer_sets

    with tempfile.TemporaryDirectory() as scratch:
        draw = random.Random(0)
        labels, faces = peer_sets.ferplus_test(arguments.pack, CLASSES)
        chosen = sorted(draw.sample(range(len(labels)), arguments.faces)) if 0 < arguments.faces < len(labels) else range(len(labels))
        labels = [labels[i] for i in chosen]
        peer_sets.write_set(Path(scratch) / "faces", [faces[i] for i in chosen])
        their_labels, portraits = peer_sets.muxspace(Path(arguments.data) / "facial-expressions.zip", CLASSES, arguments.portraits, draw)
        peer_sets.write_set(Path(scratch) / "portraits", [ImageOps.expand(p, round(max(p.size) / 2), 0) for p in portraits])
        load = os.getloadavg()[0]
        compare(f"FER+ test, {len(labels)} ready-made crops, no detector", "crop", str(Path(scratch) / "faces"), labels, arguments)
        compare(f"{len(their_labels)} portraits of muxspace with a border, own detector", "picture", str(Path(scratch) / "portraits"), their_labels, arguments)
        print(f"\nLoad of the machine before and after: {load:.1f}, {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores; {arguments.rounds} rounds of "
              f"{arguments.timed} pictures in turns, median (least to most).")


if __name__ == "__main__":
    main()
