// SPDX-License-Identifier: Apache-2.0
// Class activation maps (Zhou et al. 2016) of a network that ends in mean pooling and one linear layer: plain outputs
// of the graph, for deploy().
#pragma once

#include "mien/nn/torch.h"

namespace mien::nn {

/// features (B,D,h,w), weight (K,D) → (B,K,h,w): weight · features at each cell. With logits = weight · mean(features)
/// + bias, the mean of map k plus bias k is logit k, exactly; Grad-CAM at the same features is this map divided by h·w,
/// before its ReLU.
at::Tensor class_activation(const at::Tensor& features, const at::Tensor& weight);

/// Gradient of norm(linear(x)) with respect to x in inference mode, (out,in): each row of the layer's weight times γ/σ.
/// Bit for bit the layer's weight after export has folded the norm into it, so that a file contains it only once.
at::Tensor gradient_of(const torch::nn::LinearImpl& linear, const torch::nn::BatchNorm1dImpl& norm);

}  // namespace mien::nn
