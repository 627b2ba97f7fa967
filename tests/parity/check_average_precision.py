#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""check_average_precision.py PROGRAM: score/average_precision against second implementations on random boxes.

COCO's figures are held against the package pycocotools, Pascal VOC's against the few lines below; both to 1e-6. Without
pycocotools the test is skipped by name (exit code 77).
"""
import contextlib
import io
import json
import subprocess
import sys

import numpy as np

SKIPPED, TOLERANCE, CLASSES = 77, 1e-6, 4


def random_pictures(rng, count):
    """Truths on a coarse grid, so that equal overlaps occur; found boxes near them, doubled, of wrong class, or anywhere."""
    pictures = []
    for _ in range(count):
        truth = [[float(v) for v in rng.integers(0, 60, 2)] + [float(v) for v in rng.integers(4, 40, 2)]
                 + [int(rng.integers(0, CLASSES - 1))] for _ in range(rng.integers(0, 5))]  # the last class never occurs
        found = []
        for x, y, w, h, c in truth:
            for _ in range(rng.integers(0, 4)):
                dx, dy, dw, dh = rng.normal(0, 2.5, 4)
                label = c if rng.random() < 0.8 else int(rng.integers(0, CLASSES))
                found.append([x + dx, y + dy, max(1.0, w + dw), max(1.0, h + dh), float(rng.integers(1, 40)) / 40, label])
        for _ in range(rng.integers(0, 130) if rng.random() < 0.1 else rng.integers(0, 3)):
            found.append([*rng.uniform(0, 60, 2), *rng.uniform(4, 40, 2), float(rng.random()), int(rng.integers(0, CLASSES))])
        pictures.append({"truth": truth, "found": [[float(np.float32(v)) for v in f[:5]] + [f[5]] for f in found]})
    return pictures


def coco_figures(pictures):
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval
    annotations, results = [], []
    for image, picture in enumerate(pictures, 1):
        for x, y, w, h, c in picture["truth"]:
            annotations.append({"id": len(annotations) + 1, "image_id": image, "category_id": c + 1, "bbox": [x, y, w, h],
                                "area": w * h, "iscrowd": 0})
        for x, y, w, h, score, c in picture["found"]:
            results.append({"image_id": image, "category_id": c + 1, "bbox": [x, y, w, h], "score": score})
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO()
        truth.dataset = {"images": [{"id": i + 1} for i in range(len(pictures))], "annotations": annotations,
                         "categories": [{"id": c + 1} for c in range(CLASSES)]}
        truth.createIndex()
        evaluation = COCOeval(truth, truth.loadRes(results), "bbox")
        evaluation.evaluate()
        evaluation.accumulate()
    precision = evaluation.eval["precision"][:, :, :, 0, 2]  # overlap, recall, class; all areas; 100 boxes
    return [None if (p := precision[:, :, c]).max() < 0 else (float(p[0].mean()), float(p.mean())) for c in range(CLASSES)]


def voc_figure(pictures, label):
    """Pascal VOC since 2010, with whole pixels."""
    whole = lambda b, way: [way(b[0]), way(b[1]), way(b[0] + b[2]), way(b[1] + b[3])]
    nearest = lambda v: float(np.floor(np.float32(v) + 0.5))
    truths = [[whole(t, nearest) for t in p["truth"] if t[4] == label] for p in pictures]
    total = sum(map(len, truths))
    if total == 0:
        return None
    found = [(f[4], i, whole([np.float32(v) for v in f[:4]], lambda v: float(np.trunc(np.float32(v)))))
             for i, p in enumerate(pictures) for f in p["found"] if f[5] == label]
    found.sort(key=lambda f: -f[0])
    used, hits = [set() for _ in pictures], []
    for _, picture, (x0, y0, x1, y1) in found:
        best, at = 0.0, None
        for k, (a0, b0, a1, b1) in enumerate(truths[picture]):
            w, h = min(x1, a1) - max(x0, a0) + 1, min(y1, b1) - max(y0, b0) + 1
            if w > 0 and h > 0:
                union = (x1 - x0 + 1) * (y1 - y0 + 1) + (a1 - a0 + 1) * (b1 - b0 + 1) - w * h
                if w * h / union > best:
                    best, at = w * h / union, k
        hits.append(best >= 0.5 and at not in used[picture])
        if best >= 0.5:
            used[picture].add(at)
    hit = np.cumsum(hits) if hits else np.zeros(0)
    recall = np.concatenate([[0], hit / total, [1]])
    precision = np.concatenate([[0], hit / np.arange(1, len(hits) + 1), [0]])
    precision = np.maximum.accumulate(precision[::-1])[::-1]
    steps = np.flatnonzero(recall[1:] != recall[:-1])
    return float(((recall[steps + 1] - recall[steps]) * precision[steps + 1]).sum())


def main():
    try:
        import pycocotools  # noqa: F401
    except ImportError:
        print("skipped: the package pycocotools is not installed")
        return SKIPPED
    failures, worst = 0, 0.0
    for seed, count in enumerate([1, 3, 20, 60, 100, 100]):
        pictures = random_pictures(np.random.default_rng(seed), count)
        out = subprocess.run([sys.argv[1]], input=json.dumps({"classes": CLASSES, "pictures": pictures}), text=True,
                             capture_output=True, check=True).stdout
        ours, coco = json.loads(out), coco_figures(pictures)
        mean = lambda values: float(np.mean([v for v in values if v is not None] or [0]))
        means = {"voc_map50": mean([voc_figure(pictures, c) for c in range(CLASSES)]),
                 "coco_map50": mean([c and c[0] for c in coco]), "coco_map": mean([c and c[1] for c in coco])}
        for name, value in means.items():
            if abs(ours[name] - value) > TOLERANCE:
                print(f"seed {seed}, {name}: {ours[name]}, expected {value}")
                failures += 1
        for c in range(CLASSES):
            expected = {"voc50": voc_figure(pictures, c), "coco50": coco[c] and coco[c][0], "coco": coco[c] and coco[c][1]}
            for name, value in expected.items():
                got = ours["classes"][c][name]
                if (got is None) != (value is None) or (value is not None and abs(got - value) > TOLERANCE):
                    print(f"seed {seed}, class {c}, {name}: {got}, expected {value}")
                    failures += 1
                elif value is not None:
                    worst = max(worst, abs(got - value))
    print(f"{failures} failures; largest difference {worst:.1e}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
