#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A checkpoint with one bad value: spoil_weights.py FROM TO KEY [--foreign] [--value 1e37]; not a number without --value.

The hashes are left out of the metadata, so that the value itself must be noticed; --foreign leaves all metadata out, as a file
of others has it."""
import json
import struct
import sys
from pathlib import Path


def main(source, target, key, value, foreign):
    data = Path(source).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    content = bytearray(data[8 + length:])
    begin = header[key]["data_offsets"][0]
    content[begin:begin + 4] = struct.pack("<f", value)
    for name in list(header.get("__metadata__", {})):
        if foreign or name.endswith("_hash"):
            del header["__metadata__"][name]
    if not header.get("__metadata__"):
        header.pop("__metadata__", None)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(target).write_bytes(struct.pack("<Q", len(text)) + text + content)


if __name__ == "__main__":
    options = sys.argv[4:]
    number = float(options[options.index("--value") + 1]) if "--value" in options else float("nan")
    main(*sys.argv[1:4], number, "--foreign" in options)
