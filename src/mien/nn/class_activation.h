// SPDX-License-Identifier: Apache-2.0
// Class activation maps (Zhou et al. 2016) of a network that ends in mean pooling and one linear layer: plain outputs
// of the graph, for deploy().
#pragma once

#include "mien/nn/torch.h"

namespace mien::nn {

/// features (B,D,h,w), weight (K,D) → (B,K,h,w): weight · features at each place. With logits = weight · mean(features)
/// + bias, the mean of map k plus bias k is logit k, exactly; Grad-CAM at the same features is this map divided by h·w,
/// before its ReLU.
inline at::Tensor class_activation(const at::Tensor& features, const at::Tensor& weight) {
  return at::conv2d(features, weight.unsqueeze(-1).unsqueeze(-1));
}

inline constexpr const char* kClassActivationMeaning =
    "class activation of each class, in the card's class order: the linear layer applied to the features of each cell; "
    "the mean over the cells plus the layer's bias is the logit";

}  // namespace mien::nn
