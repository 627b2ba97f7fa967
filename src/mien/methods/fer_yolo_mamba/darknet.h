// SPDX-License-Identifier: Apache-2.0
// The CSPDarknet backbone of YOLOX and the layers that its neck and head share (card 2, rows 0 to 5). State-dict keys
// are YOLOX's.
#pragma once

#include "mien/nn/torch.h"

namespace mien::methods::fer_yolo_mamba {

struct ConvOptions {
  std::int64_t in = 0, out = 0, kernel = 1, stride = 1;
};

/// CBS: convolution without bias, padded to keep the size at stride 1, batch norm (eps 1e-3, momentum 0.03), SiLU.
class ConvBlockImpl : public torch::nn::Module {
 public:
  explicit ConvBlockImpl(const ConvOptions& options);
  /// (B,in,H,W) → (B,out,⌈H/stride⌉,⌈W/stride⌉)
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Conv2d conv{nullptr};
  torch::nn::BatchNorm2d bn{nullptr};
};
TORCH_MODULE(ConvBlock);

/// 1×1 to half of the width and 3×3, plus the input if `shortcut` is set.
class BottleneckImpl : public torch::nn::Module {
 public:
  BottleneckImpl(std::int64_t channels, bool shortcut);
  at::Tensor forward(const at::Tensor& x);

  ConvBlock conv1{nullptr}, conv2{nullptr};

 private:
  bool shortcut_;
};
TORCH_MODULE(Bottleneck);

struct CspOptions {
  std::int64_t in = 0, out = 0;
  int bottlenecks = 1;
  bool shortcut = true;
};

/// Two halves of the output width, one through bottlenecks, joined by a 1×1 convolution.
class CspLayerImpl : public torch::nn::Module {
 public:
  explicit CspLayerImpl(const CspOptions& options);
  at::Tensor forward(const at::Tensor& x);

  ConvBlock conv1{nullptr}, conv2{nullptr}, conv3{nullptr};
  torch::nn::Sequential m{nullptr};
};
TORCH_MODULE(CspLayer);

/// Spatial pyramid pooling: the input concatenated with its maxima over 5, 9 and 13 pixels.
class PyramidPoolingImpl : public torch::nn::Module {
 public:
  explicit PyramidPoolingImpl(std::int64_t channels);
  at::Tensor forward(const at::Tensor& x);

  ConvBlock conv1{nullptr}, conv2{nullptr};
};
TORCH_MODULE(PyramidPooling);

/// Four neighbouring pixels side by side in the channels (top left, bottom left, top right, bottom right), then CBS.
class FocusImpl : public torch::nn::Module {
 public:
  FocusImpl(std::int64_t in, std::int64_t out);
  at::Tensor forward(const at::Tensor& x);

  ConvBlock conv{nullptr};
};
TORCH_MODULE(Focus);

struct DarknetOutput {
  at::Tensor dark3, dark4, dark5;  ///< (B,4c,H/8,W/8), (B,8c,H/16,W/16), (B,16c,H/32,W/32)
};

class DarknetImpl : public torch::nn::Module {
 public:
  /// `base` channels c of the stem: 32 for size s
  DarknetImpl(std::int64_t base, std::int64_t in_channels);
  /// images (B,C,H,W), H and W multiples of 32
  DarknetOutput forward(const at::Tensor& images);

  Focus stem{nullptr};
  torch::nn::Sequential dark2{nullptr}, dark3{nullptr}, dark4{nullptr}, dark5{nullptr};
};
TORCH_MODULE(Darknet);

}  // namespace mien::methods::fer_yolo_mamba
