// SPDX-License-Identifier: Apache-2.0
// PhaNet's network (card section 2, a reconstruction): DenseNet with four scales, attention at each, a pose head,
// scales chosen for each face with the help of the pose, one expression classifier. B pictures, S scales in use, K
// classes.
#pragma once

#include <vector>

#include "mien/methods/phanet/attention.h"
#include "mien/methods/phanet/config.h"
#include "mien/methods/phanet/densenet.h"

namespace mien::methods::phanet {

struct PhanetOutput {
  at::Tensor logits;                   ///< (B,K)
  at::Tensor pose;                     ///< (B,P) logits; undefined without the pose head
  at::Tensor global_features;          ///< g (B,c_3)
  std::vector<at::Tensor> masks;       ///< M_k (B,1,h_k,w_k), 0..1; undefined without attention
  std::vector<at::Tensor> embeddings;  ///< E_k (B,dim,h_k,w_k)
  at::Tensor scale_features;           ///< v (B,S,dim)
  at::Tensor scale_logits;             ///< auxiliary logits (B,S,K)
  at::Tensor scale_probabilities;      ///< w (B,S); undefined with concatenation
  at::Tensor scale_weights;            ///< ws (B,S)
  at::Tensor features;                 ///< z (B,S·dim)
};

class PhanetNetImpl : public torch::nn::Module {
 public:
  PhanetNetImpl(const PhanetConfig& config, std::int64_t num_classes, std::int64_t in_channels);
  /// images (B,C,H,W), sides multiples of 32 (small trunk: of 16). `selection` overrides the configured one: soft in
  /// the first epochs.
  PhanetOutput forward(const at::Tensor& images, Selection selection);

  const PhanetConfig& config() const { return config_; }
  std::int64_t dim() const { return dim_; }

  DenseNet backbone{nullptr};
  std::vector<Scale> scales;  ///< keys scales.K of the scales in use
  torch::nn::Linear pose{nullptr}, select_context{nullptr}, select_pose{nullptr}, expression{nullptr};
  torch::nn::Linear loss_weights{nullptr};  ///< with loss.weights = dynamic
  at::Tensor loss_log_vars;                 ///< (3) with loss.weights = uncertainty: expression, pose, attention
  torch::nn::Dropout dropout{nullptr};

 private:
  at::Tensor scale_probabilities(const PhanetOutput& out);

  PhanetConfig config_;
  std::int64_t dim_;
};
TORCH_MODULE(PhanetNet);

/// Card sections 2.1 and 2.3: He-normal (fan-in) convolutions in the backbone, LibTorch's default for new layers,
/// N(0, 0.01²) for the choice of scales, zeros for the loss weights.
void initialise(PhanetNet& network);

}  // namespace mien::methods::phanet
