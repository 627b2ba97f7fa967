#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Copies a file with a small, well-aimed damage: change_bytes.py IN OUT (OLD NEW | --flip-middle | --scale-tensor NAME)."""
import json
import struct
import sys
from pathlib import Path


def main():
    source, target, *how = sys.argv[1:]
    content = bytearray(Path(source).read_bytes())
    if how[0] == "--flip-middle":
        content[len(content) // 2] ^= 0x55
    elif how[0] == "--scale-tensor":  # safetensors: doubles every float32 of one tensor
        size = struct.unpack_from("<Q", content)[0]
        begin, end = json.loads(content[8:8 + size])[how[1]]["data_offsets"]
        values = struct.unpack_from(f"<{(end - begin) // 4}f", content, 8 + size + begin)
        struct.pack_into(f"<{len(values)}f", content, 8 + size + begin, *(2 * v + 1 for v in values))
    else:
        old, new = (word.encode() for word in how)
        assert len(old) == len(new) and old in content, f"{source} has no {old}"
        content = content.replace(old, new)
    Path(target).write_bytes(content)


if __name__ == "__main__":
    main()
