// SPDX-License-Identifier: Apache-2.0
// Feature distance by the taps of a plain network that mien trained: for use when AlexNet's weights for LPIPS are not
// available. It is not LPIPS: the network differs, and no weights of the channels are learned. Only measured, never a
// loss.
#pragma once

#include <string>
#include <vector>

#include "mien/nn/resnet.h"

namespace mien::methods::ifer {

/// A ResNet-18 in inference mode with a tap after each of its four stages. Keys features.*
class PlainTapsImpl : public torch::nn::Module {
 public:
  explicit PlainTapsImpl(const nn::ResNet18Options& options);
  /// x (N,3,H,W) in -1..1 → four maps whose vectors over the channels have length 1. A network for grey pictures gets
  /// the mean of the channels.
  std::vector<at::Tensor> forward(const at::Tensor& x);
  /// Squared difference at each tap, summed over the channels, averaged over cells and pictures; the sum of the taps.
  at::Tensor distance(const at::Tensor& x, const at::Tensor& y);

  torch::nn::Sequential features{nullptr};

 private:
  std::int64_t channels_;
};
TORCH_MODULE(PlainTaps);

/// From the checkpoint of a run (DAN with model.heads=0) with input.mean=[0.5] and input.std=[0.5]; width and channels
/// are those of the file. Throws bad_input if it contains no complete ResNet-18.
PlainTaps load_plain_taps(const std::string& path);

}  // namespace mien::methods::ifer
