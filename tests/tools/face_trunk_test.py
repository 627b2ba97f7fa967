#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/face_trunk.py: the packaged file, the affine layers as batch norms, a run that is interrupted; 77 without PyTorch or Pillow."""
import struct
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
try:
    import torch
    import affine_norm
    import face_trunk
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)


def varint(value):
    """dlib's integer, of a positive number."""
    count = max(1, (value.bit_length() + 7) // 8)
    return bytes([count]) + value.to_bytes(count, "little")


def tensor(values):
    return varint(2) + b"".join(varint(n) for n in (len(values), 1, 1, 1)) + struct.pack(f"<{len(values)}f", *values)


def packaged(net, generator):
    """Random weights for a trunk as dlib would write them, its last block included."""
    data, layers = b"", []
    blocks = [*net.pairs(), *[(torch.nn.Conv2d(256, 256, 3), None)] * 2]
    for index, (conv, _) in enumerate(blocks):
        inputs = 3 if index == 0 else conv.in_channels
        fan = inputs * conv.kernel_size[0] ** 2
        weights = torch.randn(conv.out_channels * fan, generator=generator) / fan ** 0.5
        filters = torch.cat([weights, 0.1 * torch.randn(conv.out_channels, generator=generator)])
        affine = torch.cat([0.5 + torch.rand(conv.out_channels, generator=generator), torch.randn(conv.out_channels, generator=generator) * 0.1])
        data += b"\x01\x05con_4" + tensor(filters.tolist()) + b"\x01\x07affine_" + tensor(affine.tolist())
        layers.append((filters, affine))
    return data, layers


class FaceTrunk(unittest.TestCase):
    def test_integers(self):
        # 4736 = 0x1280; a set highest bit is a minus.
        self.assertEqual(face_trunk.varint(bytes([2, 0x80, 0x12]), 0), (4736, 3))
        self.assertEqual(face_trunk.varint(bytes([9, 0x81, 5]), 1), (-5, 3))

    def test_the_packaged_file(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "trunk.dat"
            data, layers = packaged(face_trunk.FaceTrunk(), torch.Generator().manual_seed(1))
            file.write_bytes(data)
            for (filters, affine), (wanted_filters, wanted_affine) in zip(face_trunk.read_dlib(file), layers, strict=True):
                self.assertTrue(torch.equal(filters, wanted_filters) and torch.equal(affine, wanted_affine))
            file.write_bytes(data[:len(data) // 2])
            with self.assertRaisesRegex(SystemExit, "trunk.dat: not dlib's face recognition network"):
                face_trunk.read_dlib(file)

    @torch.no_grad()
    def test_grey_pictures_and_batch_norms_keep_the_function(self):
        layers = packaged(face_trunk.FaceTrunk(), torch.Generator().manual_seed(2))[1]
        net = face_trunk.FaceTrunk()
        net.load(layers)
        filters, affine = layers[0]
        grey = torch.rand(4, 1, 112, 112) * 255
        colours = (grey.expand(-1, 3, -1, -1) - torch.tensor(face_trunk.DLIB_MEAN)[:, None, None]) / 256
        wanted = torch.nn.functional.conv2d(colours, filters[:-32].view(32, 3, 7, 7), filters[-32:], 2) * affine[:32, None, None] + affine[32:, None, None]
        net.bn.begin()
        x = (grey / 255 - face_trunk.MEAN) / face_trunk.STD
        self.assertLess((net.bn(net.conv(x)) - wanted).abs().max().item(), 1e-4)
        self.assertLess(affine_norm.measure(net, net.features, [x]), 1e-5)
        self.assertEqual(net.features(x).shape, (4, 256))

    def inputs(self):
        layers = packaged(face_trunk.FaceTrunk(), torch.Generator().manual_seed(3))[1]
        g = torch.Generator().manual_seed(4)
        labels = torch.randint(8, (8,), generator=g)
        part = torch.randint(256, (8, 1, 48, 48), dtype=torch.uint8, generator=g), labels, torch.nn.functional.one_hot(labels, 8).float()
        return {"train": part, "valid": part, "test": part}, layers

    def test_a_run_ends_in_the_precision_in_which_it_was_begun(self):
        parts, layers = self.inputs()
        with tempfile.TemporaryDirectory() as folder:
            row = face_trunk.train(face_trunk.FACES, 5, parts, layers, Path(folder), 3, 0.03, 1, "float32")
            self.assertEqual(row["precision"], "float32")
            with self.assertRaisesRegex(SystemExit, "begun in float32"):
                face_trunk.train(face_trunk.FACES, 5, parts, layers, Path(folder), 3, 0.03)

    def test_an_interrupted_run_ends_as_an_undisturbed_one(self):
        parts, layers = self.inputs()
        rows = []
        for stops in ((3,), (1, 3)):
            with tempfile.TemporaryDirectory() as folder:
                for stop in stops:
                    row = face_trunk.train(face_trunk.FACES, 5, parts, layers, Path(folder), 3, 0.03, stop)
                rows.append({key: value for key, value in row.items() if key != "seconds"} | {"weights": torch.load(Path(folder) / "trunk-trained-on-faces-s5.pth", weights_only=True)["net"]})
        weights = [row.pop("weights") for row in rows]
        self.assertEqual(*rows)
        self.assertTrue(all(torch.equal(a, b) for a, b in zip(*(w.values() for w in weights))))


if __name__ == "__main__":
    unittest.main()
