// SPDX-License-Identifier: Apache-2.0
// Batch norm in inference mode is affine per channel, so it folds exactly into the layer before it.
#pragma once

#include "mien/nn/resnet.h"

namespace mien::nn {

/// A convolution or linear layer with its batch norm folded in.
struct Folded {
  at::Tensor weight, bias;
};

Folded fold(const torch::nn::Conv2dImpl& conv, const torch::nn::BatchNorm2dImpl& norm);
Folded fold(const torch::nn::LinearImpl& linear, const torch::nn::BatchNorm1dImpl& norm);

/// resnet18_features() in inference mode with all norms folded: a pure function of (B,C,H,W).
class FoldedResNet18 {
 public:
  explicit FoldedResNet18(torch::nn::Sequential features);
  at::Tensor forward(const at::Tensor& x) const;
  /// Weights with readable names ("features.0.weight"), for export.
  std::vector<std::pair<std::string, at::Tensor>> weights(const std::string& prefix) const;

 private:
  struct Block {
    std::string name;
    Folded conv1, conv2, downsample;  ///< downsample.weight undefined where there is none
    std::int64_t stride;
  };
  Folded stem_;
  std::vector<Block> blocks_;
};

}  // namespace mien::nn
