// SPDX-License-Identifier: Apache-2.0
// Residual basic block (He et al. 2016, figure 5 left) with torchvision's keys: conv1 bn1 relu conv2 bn2 + identity,
// relu.
#pragma once

#include "mien/nn/torch.h"

namespace mien::nn {

struct BasicBlockOptions {
  std::int64_t in_channels = 64, out_channels = 64;
  std::int64_t stride = 1;  ///< of conv1 and of the 1×1 downsample, which exists if stride or channels change
};

class BasicBlockImpl : public torch::nn::Module {
 public:
  explicit BasicBlockImpl(const BasicBlockOptions& options);
  /// (B,in,H,W) → (B,out,H/stride,W/stride)
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Conv2d conv1{nullptr}, conv2{nullptr};
  torch::nn::BatchNorm2d bn1{nullptr}, bn2{nullptr};
  torch::nn::Sequential downsample{nullptr};  ///< null if the identity fits
};
TORCH_MODULE(BasicBlock);

/// Conv2d without bias, like all those of ResNet.
torch::nn::Conv2d conv(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                       std::int64_t padding);

}  // namespace mien::nn
