// SPDX-License-Identifier: Apache-2.0
// The ensemble (card 2.4): equal sub-networks under the names of their parts, and for the rule `stack` a layer over
// their probabilities ("stack.*").
#pragma once

#include <vector>

#include "mien/methods/part_based/ensemble.h"
#include "mien/methods/part_based/parts.h"
#include "mien/methods/part_based/sub_network.h"

namespace mien::methods::part_based {

struct NetworkOptions {
  std::vector<Part> parts = ensemble_parts();  ///< at least one, each at most once
  EnsembleRule rule = EnsembleRule::mean;
  SubNetworkOptions sub_network;  ///< num_points is set for each part
};

/// Features of one part to mean 0 and deviation 1 before its expression head; both (D). Initially 0 and 1. They are
/// not part of the state dict, whose keys are the card's: the method keeps them as its extra state.
struct Standard {
  at::Tensor mean, deviation;
};

class PartBasedNetImpl : public torch::nn::Module {
 public:
  explicit PartBasedNetImpl(const NetworkOptions& options);
  /// images (B,C,H,W) → logits of each part (B,P,K), in the order of `parts`
  at::Tensor part_logits(const at::Tensor& images);
  /// f of a part (B,D) → its logits (B,K)
  at::Tensor expression(std::size_t part, const at::Tensor& features);
  /// part logits (B,P,K) → probabilities of the ensemble (B,K)
  at::Tensor fuse(const at::Tensor& part_logits);
  /// The same before the softmax, only for the rule `stack`.
  at::Tensor stack_logits(const at::Tensor& part_logits);

  const std::vector<Part> parts;
  const EnsembleRule rule;
  std::vector<SubNetwork> networks;  ///< one per part
  std::vector<Standard> standards;   ///< one per part
  torch::nn::Linear stack{nullptr};  ///< (P·K) → K, by part, then class; null for the other rules
};
TORCH_MODULE(PartBasedNet);

/// Every sub-network by Keras's rule; `stack` starts as the mean: its logits are P times the mean probabilities.
void initialise(PartBasedNet& network);

}  // namespace mien::methods::part_based
