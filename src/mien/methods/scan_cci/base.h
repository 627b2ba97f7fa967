// SPDX-License-Identifier: Apache-2.0
// The base (card section 2.1): ResNet-50 without its fourth stage, keys conv1, bn1, layer1..3, or the card's narrow
// network with the same keys.
#pragma once

#include <vector>

#include "mien/methods/scan_cci/config.h"
#include "mien/nn/basic_block.h"

namespace mien::methods::scan_cci {

struct BottleneckOptions {
  std::int64_t in_channels = 64, width = 64, out_channels = 256, stride = 1;
  bool stride_first = false;  ///< stride on the first 1×1 (Caffe's layout) instead of the 3×3
};

class BottleneckImpl : public torch::nn::Module {
 public:
  explicit BottleneckImpl(const BottleneckOptions& options);
  /// (B,in,H,W) → (B,out,H/stride,W/stride)
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Conv2d conv1{nullptr}, conv2{nullptr}, conv3{nullptr};
  torch::nn::BatchNorm2d bn1{nullptr}, bn2{nullptr}, bn3{nullptr};
  torch::nn::Sequential downsample{nullptr};  ///< null if the identity fits
};
TORCH_MODULE(Bottleneck);

struct BaseOutput {
  at::Tensor f2, f3;  ///< maps of the second and third stage
};

class BaseImpl : public torch::nn::Module {
 public:
  BaseImpl(Trunk trunk, Layout layout, std::int64_t in_channels);
  BaseOutput forward(const at::Tensor& images);
  std::int64_t f2_channels() const { return trunk_ == Trunk::resnet50 ? 512 : 64; }
  std::int64_t f3_channels() const { return trunk_ == Trunk::resnet50 ? 1024 : 128; }

  torch::nn::Conv2d conv1{nullptr};
  torch::nn::BatchNorm2d bn1{nullptr};
  torch::nn::Sequential layer1{nullptr}, layer2{nullptr}, layer3{nullptr};

 private:
  Trunk trunk_;
  Layout layout_;
};
TORCH_MODULE(Base);

}  // namespace mien::methods::scan_cci
