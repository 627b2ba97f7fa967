// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/scan_cci/context.h"

#include <cmath>

namespace mien::methods::scan_cci {

std::int64_t eca_kernel(std::int64_t channels) {
  const auto size = static_cast<std::int64_t>(std::abs((std::log2(static_cast<double>(channels)) + 1) / 2));
  return size % 2 == 1 ? size : size + 1;
}

ChannelAttentionImpl::ChannelAttentionImpl(std::int64_t channels) {
  const std::int64_t kernel = eca_kernel(channels);
  conv = register_module("conv",
                         torch::nn::Conv1d(torch::nn::Conv1dOptions(1, 1, kernel).padding(kernel / 2).bias(false)));
}

at::Tensor ChannelAttentionImpl::forward(const at::Tensor& pooled) {
  return at::sigmoid(conv->forward(pooled.unsqueeze(1))).squeeze(1);
}

ContextBranchImpl::ContextBranchImpl(const ScanCciConfig& c, std::int64_t channels, std::int64_t num_classes)
    : grid_(c.regions == 4 ? 2 : 1) {
  if (c.eca) eca = register_module("eca", ChannelAttention(channels));
  const std::int64_t hidden = channels / 4;
  region_net =
      register_module("region_net", torch::nn::Sequential(torch::nn::Linear(channels, hidden), torch::nn::ReLU(),
                                                          torch::nn::Linear(hidden, num_classes)));
}

ContextOutput ContextBranchImpl::forward(const at::Tensor& f3) {
  ContextOutput out;
  out.pooled = at::adaptive_avg_pool2d(f3, {grid_, grid_}).flatten(2).transpose(1, 2);
  at::Tensor regions = out.pooled;
  if (!eca.is_empty()) {
    out.channel_weights = eca->forward(f3.mean({2, 3}));
    regions = regions * out.channel_weights.unsqueeze(1);
  }
  out.hidden = region_net->ptr(0)->as<torch::nn::Linear>()->forward(regions);
  out.logits = region_net->ptr(2)->as<torch::nn::Linear>()->forward(at::relu(out.hidden));
  return out;
}

}  // namespace mien::methods::scan_cci
