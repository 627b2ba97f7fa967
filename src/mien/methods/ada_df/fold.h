// SPDX-License-Identifier: Apache-2.0
// Ada-DF for use: shared part, target branch and its attention, all norms folded; the auxiliary branch is left out.
#pragma once

#include "mien/methods/ada_df/network.h"
#include "mien/nn/fold.h"

namespace mien::methods::ada_df {

class FoldedAdaDf {
 public:
  /// Copies the network's weights; later training does not change this object.
  explicit FoldedAdaDf(AdaDfNet network);
  /// images (B,C,H,W) → logits z_2 (B,K), clarity a_2 (B,1)
  std::vector<at::Tensor> forward(const at::Tensor& images) const;
  std::vector<std::pair<std::string, at::Tensor>> weights() const;

 private:
  nn::FoldedResNet18 backbone_;
  nn::Folded classifier_, attention_;
};

}  // namespace mien::methods::ada_df
