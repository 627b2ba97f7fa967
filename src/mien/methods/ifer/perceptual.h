// SPDX-License-Identifier: Apache-2.0
// Feature distance between pictures: LPIPS (Zhang et al. 2018), version 0.1 over AlexNet (card 2.5). Used, never
// trained.
#pragma once

#include <vector>

#include "mien/nn/torch.h"

namespace mien::methods::ifer {

/// x (N,C,H,W) divided by its length over the channels; finite, with a finite gradient, if every channel is 0.
at::Tensor unit_length(const at::Tensor& x);

/// AlexNet's convolutions with a tap after every ReLU. Keys layers.{0,3,6,8,10}, buffers mean and std.
class AlexNetTapsImpl : public torch::nn::Module {
 public:
  AlexNetTapsImpl();
  /// x (N,3,H,W) in -1..1 → five maps whose vectors over the channels have length 1
  std::vector<at::Tensor> forward(const at::Tensor& x);

  torch::nn::Sequential layers{nullptr};
  at::Tensor mean, std;  ///< (1,3,1,1)
};
TORCH_MODULE(AlexNetTaps);

class LpipsImpl : public torch::nn::Module {
 public:
  LpipsImpl();
  /// x, y (N,3,H,W) in -1..1 → distance at each tap, averaged over positions and pictures: five scalars
  std::vector<at::Tensor> taps(const at::Tensor& x, const at::Tensor& y);
  /// The sum of the taps, a scalar.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& y);

  AlexNetTaps net{nullptr};
  std::vector<torch::nn::Conv2d> lin;  ///< keys lin.{i}.1, weights of the channels
};
TORCH_MODULE(Lpips);

}  // namespace mien::methods::ifer
