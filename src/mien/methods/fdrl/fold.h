// SPDX-License-Identifier: Apache-2.0
// FDRL for use: norms folded into the backbone, no centres but those of the weights, which are shown beside a face's
// own.
#pragma once

#include "mien/face/card.h"
#include "mien/methods/fdrl/network.h"
#include "mien/nn/fold.h"

namespace mien::methods::fdrl {

class FoldedFdrl {
 public:
  /// Copies the network's weights and the centres u (K,M); later training does not change this object. `centre_crop`:
  /// pictures are cut to 224 of 236 first (views.h).
  FoldedFdrl(FdrlNet network, const at::Tensor& weight_centers, bool centre_crop);
  /// images (N,C,H,W) → logits (N,K); maps of the latent features (N,M,h,w); with weights α (N,M) and the centre u_k
  /// (N,M) of the class that is predicted; lengths of the latent features (N,M); with relations ω (N,M,M); the
  /// expression feature y (N,D). Without decomposition logits and class maps.
  std::vector<at::Tensor> forward(const at::Tensor& images) const;
  std::vector<face::OutputSpec> outputs(const face::InputSpec& input) const;
  std::vector<std::pair<std::string, at::Tensor>> weights() const;

 private:
  FdrlConfig config_;
  nn::FoldedResNet18 backbone_;
  FdrlLayers layers_;
  nn::Folded classifier_;
  at::Tensor weight_centers_;
  bool centre_crop_;
};

}  // namespace mien::methods::fdrl
