// SPDX-License-Identifier: Apache-2.0
// DAN's network (paper figure 2): ResNet-18 features, H cross attention heads, fusion by log-softmax across heads, a
// linear layer and a batch norm on the logits. State-dict keys are those of the published checkpoints.
#pragma once

#include <vector>

#include "mien/methods/dan/config.h"
#include "mien/methods/dan/cross_attention.h"
#include "mien/nn/resnet.h"

namespace mien::methods::dan {

struct DanOutput {
  at::Tensor logits;    ///< (B,K) float32, after the batch norm
  at::Tensor features;  ///< (B,D,h,w) of the backbone
  at::Tensor heads;     ///< A (B,H,D) float32, after the log-softmax; undefined without heads
  at::Tensor maps;      ///< (B,H,h,w) spatial maps; undefined without heads or spatial units
  std::vector<HeadOutput> by_head;
};

/// Fusion (section 3.3): heads (B,H,D) → A: log-softmax over the head axis for H > 1, otherwise unchanged.
at::Tensor fuse(const at::Tensor& heads, bool log_softmax);

class DanNetImpl : public torch::nn::Module {
 public:
  DanNetImpl(const DanConfig& config, std::int64_t num_classes, std::int64_t in_channels);
  /// images (B,C,H,W), H and W >= 32
  DanOutput forward(const at::Tensor& images);

  torch::nn::Sequential features{nullptr};
  std::vector<CrossAttention> heads;  ///< registered as cat_head0, cat_head1, ...
  torch::nn::Dropout dropout{nullptr};
  torch::nn::Linear fc{nullptr};
  torch::nn::BatchNorm1d bn{nullptr};  ///< null for the plain baseline and without model.final_bn
  bool log_softmax_fusion = true;

  std::int64_t feature_channels() const { return fc->options.in_features(); }
};
TORCH_MODULE(DanNet);

/// Section 2.4: heads He-normal, linear layers of heads N(0, 0.001²); fc as LibTorch does.
void initialise(DanNet& network);

}  // namespace mien::methods::dan
