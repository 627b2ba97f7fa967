// SPDX-License-Identifier: Apache-2.0
// One attention head (paper section 3.2): a spatial unit followed by a channel unit. "Cross" names the arrangement of
// heads; there is no query-key attention. Keys: sa.conv1x1.*, sa.conv_3x3.*, sa.conv_1x3.*, sa.conv_3x1.*,
// ca.attention.*
#pragma once

#include "mien/nn/torch.h"

namespace mien::methods::dan {

struct CrossAttentionOptions {
  std::int64_t channels = 512;  ///< D
  std::int64_t reduction = 16;  ///< hidden units of the channel unit = D / reduction
  bool spatial = true, channel = true;
};

class SpatialUnitImpl : public torch::nn::Module {
 public:
  explicit SpatialUnitImpl(std::int64_t channels);
  /// x (B,D,h,w) → map M (B,1,h,w) float32, >= 0 and unbounded: no sigmoid, no normalisation.
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Sequential conv1x1{nullptr}, conv_3x3{nullptr}, conv_1x3{nullptr},
      conv_3x1{nullptr};  ///< convolution, batch norm
};
TORCH_MODULE(SpatialUnit);

struct ChannelOutput {
  at::Tensor hidden;  ///< (B,D/reduction), after the ReLU
  at::Tensor gate;    ///< g (B,D), 0..1
};

class ChannelUnitImpl : public torch::nn::Module {
 public:
  ChannelUnitImpl(std::int64_t channels, std::int64_t reduction);
  /// p (B,D) → hidden units and gate
  ChannelOutput forward(const at::Tensor& p);

  torch::nn::Sequential attention{nullptr};  ///< linear, batch norm, ReLU, linear, sigmoid
};
TORCH_MODULE(ChannelUnit);

struct HeadOutput {
  at::Tensor map;         ///< M (B,1,h,w) float32; undefined without the spatial unit
  at::Tensor pooled;      ///< p (B,D) float32: mean of x ⊙ M over the cells
  ChannelOutput channel;  ///< undefined without the channel unit
  at::Tensor vector;      ///< v = p ⊙ g (B,D) float32
};

class CrossAttentionImpl : public torch::nn::Module {
 public:
  explicit CrossAttentionImpl(const CrossAttentionOptions& options);
  HeadOutput forward(const at::Tensor& x);  ///< x (B,D,h,w)

  SpatialUnit sa{nullptr};  ///< null if the option is off
  ChannelUnit ca{nullptr};
};
TORCH_MODULE(CrossAttention);

}  // namespace mien::methods::dan
