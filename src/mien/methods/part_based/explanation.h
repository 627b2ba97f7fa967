// SPDX-License-Identifier: Apache-2.0
// Explains each part's answer (card 7): Grad-CAM (Selvaraju et al. 2017) with a closed-form gradient, so an exported
// file needs none.
#pragma once

#include "mien/methods/part_based/ensemble.h"

namespace mien::methods::part_based {

/// For one part and every class, at the ReLU of layer 8, signed. Max pooling passes on each window's whole gradient, so
/// the spatial mean of ∂ logit_k / ∂ activation is W_k / (h·w) for every picture. activations (B,D,h,w), weight W
/// of the fused head (K,D) → (B,K,h,w)
at::Tensor part_class_maps(const at::Tensor& activations, const at::Tensor& weight);

/// For the ensemble's log-probabilities, from the parts' maps (B,P,K,h,w) and probabilities (B,P,K) → (B,K,h,w). For
/// the rule `stack`, whose layer has the weight (K,P·K), for its logits. Votes have no gradient: their maps are
/// those of the mean.
at::Tensor ensemble_class_maps(const at::Tensor& part_maps, const at::Tensor& probabilities, EnsembleRule rule,
                               const at::Tensor& stack_weight);

}  // namespace mien::methods::part_based
