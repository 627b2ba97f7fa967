# SPDX-License-Identifier: Apache-2.0
"""Pictures that several programs are tried on, as files and as raw pixels: FER+ test faces out of a pack, muxspace portraits."""
import io
import json
import struct
import zipfile
from pathlib import Path

from PIL import Image

from crop_rules import read_labels

HEAD, HEAD_BYTES = "<8sIIIIQQQQQ32s", 96  # docs/formats.md, Pack


def classes_of(data):
    """Of a pack's bytes: the names in the order of labels and distributions."""
    header_at, header_bytes = struct.unpack_from(HEAD, data)[8:10]
    return json.loads(data[header_at:header_at + header_bytes])["classes"]


def read_pack(path, distributions=False):
    """[(split 0 train, 1 valid, 2 test; class name or None; bytes of the picture; if asked, the distribution over the classes)], width, height, channels."""
    data = Path(path).read_bytes()
    _, _, width, height, channels, count, index_at, *_ = struct.unpack_from(HEAD, data)
    classes = classes_of(data)
    size, at, rows = width * height * channels, index_at, []
    for i in range(count):
        split, label, _ = struct.unpack_from("<BbB", data, at)
        distribution = struct.unpack_from("<8f", data, at + 3 + 10)
        at += 3 + 10 + 8 * 4
        for _ in range(2):  # source, subject
            at += 4 + struct.unpack_from("<I", data, at)[0]
        begin = HEAD_BYTES + i * size
        row = (split, classes[label] if label >= 0 else None, data[begin:begin + size])
        rows.append((*row, distribution) if distributions else row)
    return rows, width, height, channels


def write_set(stem, pictures):
    """STEM.bin, STEM.json and STEM/00000.png … of PIL pictures."""
    stem.mkdir(parents=True)
    index, offset = [], 0
    with open(f"{stem}.bin", "wb") as pixels:
        for i, picture in enumerate(pictures):
            picture.save(stem / f"{i:05d}.png", compress_level=1)
            raw = picture.convert("RGB").tobytes()
            index.append({"width": picture.width, "height": picture.height, "offset": offset})
            offset += pixels.write(raw)
    Path(f"{stem}.json").write_text(json.dumps(index))


def ferplus_test(pack, classes):
    rows, width, height, _ = read_pack(pack)
    chosen = [(label, Image.frombytes("L", (width, height), raw)) for split, label, raw in rows if split == 2 and label in classes]
    return [label for label, _ in chosen], [picture for _, picture in chosen]


def muxspace(archive_path, classes, number, random):
    """`number` pictures drawn evenly at random; 0: all."""
    with zipfile.ZipFile(archive_path) as archive:
        labels = read_labels(archive)
        names = sorted(n for n in archive.namelist() if n.startswith("images/") and labels.get(Path(n).name) in classes)
        names = sorted(random.sample(names, number)) if 0 < number < len(names) else names
        return [labels[Path(n).name] for n in names], [Image.open(io.BytesIO(archive.read(n))).convert("RGB") for n in names]
