// SPDX-License-Identifier: Apache-2.0
// Cross-entropy against a distribution, computed in float32.
#pragma once

#include "mien/nn/torch.h"

namespace mien::nn {

/// -mean_i sum_k target(i,k) log softmax(logits)(i,k). logits (B,K); target (B,K), rows sum to 1.
at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& target);

/// Training target from votes: share × distribution + (1 - share) × one-hot(label). (B,K) float32.
at::Tensor blend_target(const at::Tensor& distribution, const at::Tensor& labels, double share);

}  // namespace mien::nn
