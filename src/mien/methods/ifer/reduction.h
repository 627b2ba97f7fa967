// SPDX-License-Identifier: Apache-2.0
// Convolutional parts of the encoder: depthwise block, downsampling between the levels, feature extraction of the
// global query (card 2.0).
#pragma once

#include "mien/nn/torch.h"

namespace mien::methods::ifer {

/// Squeeze and excitation; (N,C,H,W) → the same. Keys fc.0, fc.2.
class ChannelGateImpl : public torch::nn::Module {
 public:
  explicit ChannelGateImpl(std::int64_t channels);
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Sequential fc{nullptr};
};
TORCH_MODULE(ChannelGate);

/// Depthwise 3×3, GELU, gate, 1×1; no norm and no bias. Keys 0, 2, 3.
torch::nn::Sequential depthwise_block(std::int64_t channels);

/// Sines and cosines of the positions 1..width and 1..height: (1,channels,height,width) float32, the first half of the
/// channels for the column, the second for the row.
at::Tensor sine_positions(std::int64_t channels, std::int64_t height, std::int64_t width);

/// The encoding itself is a constant; the published files carry an unused number for it.
class SinePositionsImpl : public torch::nn::Module {
 public:
  SinePositionsImpl() { float_tensor = register_buffer("_float_tensor", torch::zeros({1})); }

  at::Tensor float_tensor;
};
TORCH_MODULE(SinePositions);

/// Halves the map: (N,H,W,in) → (N,H/2,W/2,out)
class ReduceSizeImpl : public torch::nn::Module {
 public:
  ReduceSizeImpl(std::int64_t in, std::int64_t out);
  at::Tensor forward(const at::Tensor& x);

  torch::nn::LayerNorm norm1{nullptr}, norm2{nullptr};
  torch::nn::Sequential conv{nullptr};
  torch::nn::Conv2d reduction{nullptr};
  SinePositions sin_pos_embed{nullptr};
  at::Tensor alpha;  ///< weight of the positions, 0 at first

 private:
  at::Tensor positions_;  ///< of the last size
};
TORCH_MODULE(ReduceSize);

/// x + depthwise block, then 3×3 max pooling with stride 2 unless `keep`. (N,C,H,W)
class FeatureExtractionImpl : public torch::nn::Module {
 public:
  FeatureExtractionImpl(std::int64_t channels, bool keep);
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Sequential conv{nullptr};

 private:
  bool keep_;
};
TORCH_MODULE(FeatureExtraction);

inline at::Tensor to_nchw(const at::Tensor& x) { return x.permute({0, 3, 1, 2}); }
inline at::Tensor to_nhwc(const at::Tensor& x) { return x.permute({0, 2, 3, 1}); }

}  // namespace mien::methods::ifer
