// SPDX-License-Identifier: Apache-2.0
// DNFER for use: a plain ResNet-18 with its norms folded, and the class activation map of its classifier.
#pragma once

#include "mien/methods/dnfer/network.h"
#include "mien/nn/fold.h"

namespace mien::methods::dnfer {

class FoldedDnfer {
 public:
  /// Copies the network's weights; later training does not change this object.
  explicit FoldedDnfer(DnferNet network);
  /// images (B,C,H,W) → logits (B,K), class maps (B,K,h,w)
  std::vector<at::Tensor> forward(const at::Tensor& images) const;
  std::vector<std::pair<std::string, at::Tensor>> weights() const;

 private:
  nn::FoldedResNet18 backbone_;
  nn::Folded classifier_;
};

}  // namespace mien::methods::dnfer
