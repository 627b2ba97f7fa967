#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""same_tensors.py A B: whether two safetensors files hold the same tensors, bit for bit (metadata aside)."""
import json
import struct
import sys
from pathlib import Path


def tensors(path):
    content = Path(path).read_bytes()
    size = struct.unpack_from("<Q", content)[0]
    header = json.loads(content[8:8 + size])
    header.pop("__metadata__", None)
    return {name: (t["dtype"], t["shape"], content[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]]) for name, t in header.items()}


def main():
    a, b = (tensors(path) for path in sys.argv[1:3])
    different = sorted(set(a) ^ set(b)) + [name for name in a if name in b and a[name] != b[name]]
    print(f"{len(a)} tensors: " + (f"different: {', '.join(different[:10])}" if different else "equal"))
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
