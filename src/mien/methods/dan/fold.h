// SPDX-License-Identifier: Apache-2.0
// DAN for use: all norms folded, the three spatial branches of each head merged into one 3×3 convolution (exact: they
// are summed before the only ReLU). conv1x1 stays apart: the zero padding sits between it and the branches.
#pragma once

#include "mien/face/card.h"
#include "mien/methods/dan/class_maps.h"
#include "mien/methods/dan/network.h"
#include "mien/nn/fold.h"

namespace mien::methods::dan {

class FoldedDan {
 public:
  /// Copies the network's weights; later training does not change this object.
  explicit FoldedDan(DanNet network);
  /// images (B,C,H,W) → logits (B,K), class maps (B,K,h,w); with heads those of each head (B,H,K,h,w) and, with spatial
  /// units, their attention (B,H,h,w)
  std::vector<at::Tensor> forward(const at::Tensor& images) const;
  std::vector<face::OutputSpec> outputs() const;  ///< what forward() gives
  std::vector<std::pair<std::string, at::Tensor>> weights() const;
  bool has_maps() const { return !heads_.empty() && heads_.front().branches.weight.defined(); }

 private:
  struct Head {
    nn::Folded reduce, branches;  ///< spatial unit; undefined without it
  };
  HeadTrace run_head(const Head& head, const ChannelWeights& unit, const at::Tensor& x) const;

  nn::FoldedResNet18 backbone_;
  std::vector<Head> heads_;
  std::vector<ChannelWeights> units_;  ///< one per head
  nn::Folded classifier_;
  bool log_softmax_fusion_;
};

}  // namespace mien::methods::dan
