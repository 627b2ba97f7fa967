// SPDX-License-Identifier: Apache-2.0
// Ada-DF for use: shared part, target branch and its attention, all norms folded; the auxiliary branch is left out.
#pragma once

#include "mien/face/card.h"
#include "mien/methods/ada_df/network.h"
#include "mien/nn/fold.h"

namespace mien::methods::ada_df {

class FoldedAdaDf {
 public:
  /// Copies the network's weights; later training does not change this object.
  explicit FoldedAdaDf(AdaDfNet network, bool ten_crop = false);
  /// images (B,C,H,W) → logits z_2 (B,K), clarity a_2 (B,1), class maps (B,K,h,w): the classifier at each cell, times
  /// a_2, so that their mean plus a_2 · bias is z_2. With ten crops: means over them, and no maps, since each crop has
  /// its own.
  std::vector<at::Tensor> forward(const at::Tensor& images) const;
  std::vector<face::OutputSpec> outputs() const;
  std::vector<std::pair<std::string, at::Tensor>> weights() const;

 private:
  nn::FoldedResNet18 backbone_;
  nn::Folded classifier_, attention_;
  bool ten_crop_;
};

}  // namespace mien::methods::ada_df
