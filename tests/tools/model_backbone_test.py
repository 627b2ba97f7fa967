#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench/model_backbone.py: folded norms become batch norms with the same function; 77 without PyTorch, onnx, safetensors or Pillow."""
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bench"))
try:
    import torch
    import affine_norm
    import model_backbone
    from train_peer import resnet18
except ImportError as error:
    print(f"skipped: {error}")
    sys.exit(77)


def trained_and_folded(generator):
    """A network with statistics of its own, and what export makes of its layers."""
    net, folded = resnet18(4).eval(), {}
    for path, norm, exported, *_ in model_backbone.layers_of(net):
        layer, bn = net.get_submodule(path), net.get_submodule(norm)
        with torch.no_grad():
            for tensor, low in ((bn.weight, 0.5), (bn.bias, -0.5), (bn.running_mean, -0.5), (bn.running_var, 0.5)):
                tensor.copy_(low + torch.rand(tensor.shape, generator=generator))
        gain = (bn.weight / (bn.running_var + bn.eps).sqrt()).detach()
        folded[f"backbone.{exported}.weight"] = layer.weight.detach() * gain[:, None, None, None]
        folded[f"backbone.{exported}.bias"] = bn.bias.detach() - bn.running_mean * gain
    return net, folded


class ModelBackbone(unittest.TestCase):
    @torch.no_grad()
    def test_the_restored_network_is_the_trained_one(self):
        generator = torch.Generator().manual_seed(1)
        net, folded = trained_and_folded(generator)
        pictures = torch.randn(8, 1, 64, 64, generator=generator)
        restored = model_backbone.backbone(folded, "m.onnx")
        affine_norm.measure(restored, restored[:-4], [pictures])
        wanted = net[:-4](pictures)
        self.assertLess((restored[:-4](pictures) - wanted).abs().max().item(), 1e-5 * wanted.abs().max().item())
        # In training, the norms use the statistics of the batch, which are those that were measured.
        restored.train()
        self.assertLess((restored[:-4](pictures) - wanted).abs().max().item(), 1e-3 * wanted.abs().max().item())

    def test_names_are_those_of_torchvision(self):
        names = model_backbone.published(model_backbone.backbone(trained_and_folded(torch.Generator().manual_seed(2))[1], "m.onnx"))
        self.assertEqual(len(names), 20 * 6)  # 20 convolutions: weight; gain, bias, mean, variance and counter of the norm
        for name in ("conv1.weight", "bn1.running_var", "layer1.1.conv2.weight", "layer2.0.downsample.0.weight", "layer4.0.downsample.1.bias"):
            self.assertIn(name, names)

    def test_another_network_is_refused(self):
        with self.assertRaisesRegex(SystemExit, "m.onnx: no ResNet-18"):
            model_backbone.backbone({}, "m.onnx")
        with self.assertRaisesRegex(SystemExit, r"m.onnx: the first layer is \(8, 3, 7, 7\)"):
            model_backbone.backbone({"features.0.weight": torch.zeros(8, 3, 7, 7)}, "m.onnx")


if __name__ == "__main__":
    unittest.main()
