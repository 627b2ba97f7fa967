// SPDX-License-Identifier: Apache-2.0
// CCI (card section 2.5): the map of the third stage after efficient channel attention, cut into quadrants, each
// classified by one shared small network.
#pragma once

#include "mien/methods/scan_cci/config.h"
#include "mien/nn/torch.h"

namespace mien::methods::scan_cci {

/// Kernel of efficient channel attention: |(log2 C + 1) / 2| truncated to an integer; one is added if it is even.
std::int64_t eca_kernel(std::int64_t channels);

class ChannelAttentionImpl : public torch::nn::Module {
 public:
  explicit ChannelAttentionImpl(std::int64_t channels);
  /// pooled (B,C) → weights (B,C), 0..1
  at::Tensor forward(const at::Tensor& pooled);

  torch::nn::Conv1d conv{nullptr};
};
TORCH_MODULE(ChannelAttention);

struct ContextOutput {
  at::Tensor channel_weights;  ///< (B,C); undefined without channel attention
  at::Tensor pooled;           ///< (B,R,C): means of the regions before the channel weights, row-major
  at::Tensor hidden;           ///< (B,R,hidden) before the ReLU
  at::Tensor logits;           ///< (B,R,K)
};

class ContextBranchImpl : public torch::nn::Module {
 public:
  ContextBranchImpl(const ScanCciConfig& config, std::int64_t channels, std::int64_t num_classes);
  ContextOutput forward(const at::Tensor& f3);

  ChannelAttention eca{nullptr};               ///< null without model.eca
  torch::nn::Sequential region_net{nullptr};   ///< linear, ReLU, linear
  std::int64_t grid() const { return grid_; }  ///< regions per side

 private:
  std::int64_t grid_;
};
TORCH_MODULE(ContextBranch);

}  // namespace mien::methods::scan_cci
