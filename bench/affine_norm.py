# SPDX-License-Identifier: Apache-2.0
"""Affine layers (a gain and an offset per channel, as folded or packaged networks have) that become batch norms again: one pass over pictures
measures the statistics, and gain and bias are set so that the function stays the same."""
import torch
import torch.nn as nn


class Norm(nn.BatchNorm2d):
    """A batch norm that can begin as an affine layer: while it measures it is that layer, then it is the same function of its statistics."""

    measuring = False

    def forward(self, x):
        if not self.measuring:
            return super().forward(x)
        self.sums += torch.stack([torch.ones_like(self.weight) * x.numel() / x.shape[1], x.sum((0, 2, 3)), (x * x).sum((0, 2, 3))]).double()
        return x * self.weight[:, None, None] + self.bias[:, None, None]

    def begin(self):
        self.measuring, self.sums = True, torch.zeros(3, self.num_features, dtype=torch.double)

    @torch.no_grad()
    def end(self):
        count, total, squares = self.sums
        mean = total / count
        variance = squares / count - mean * mean
        self.running_mean.copy_(mean)
        self.running_var.copy_(variance)
        self.bias.copy_(self.bias + self.weight * mean)
        self.weight.copy_(self.weight * (variance + self.eps).sqrt())
        self.measuring = False


@torch.no_grad()
def measure(net, features, batches):
    """Turns the affine layers of `net` into batch norms by one pass of `features`. Returns the largest change of a feature, relative to the largest
    feature; SystemExit if it is not below 1e-5."""
    norms = [module for module in net.modules() if isinstance(module, Norm)]
    net.eval()
    for norm in norms:
        norm.begin()
    before = [features(x) for x in batches]
    for norm in norms:
        norm.end()
    after = [features(x) for x in batches]
    change = max((a - b).abs().max().item() for a, b in zip(after, before)) / max(b.abs().max().item() for b in before)
    if not change < 1e-5:
        raise SystemExit(f"The batch norms change the features by {change:.1e}.")
    print(f"The affine layers are batch norms now; the features changed by {change:.1e}.", flush=True)
    return change
