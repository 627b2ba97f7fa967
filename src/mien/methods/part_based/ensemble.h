// SPDX-License-Identifier: Apache-2.0
// Combines the parts' answers (card 2.4).
#pragma once

#include "mien/base/words.h"
#include "mien/nn/torch.h"

namespace mien::methods::part_based {

enum class EnsembleRule { mean, product, vote, stack };
constexpr auto words_of(EnsembleRule) { return std::array{"mean", "product", "vote", "stack"}; }

/// probabilities (B,P,K), rows sum to 1 → (B,K), rows sum to 1.
///   mean:    mean over the parts
///   product: mean of the log-probabilities, renormalised
///   vote:    (votes + mean) / (P + 1): the class with the most votes wins, the mean breaks ties
/// The rule `stack` is a trained layer and not handled by this function.
at::Tensor combine(const at::Tensor& probabilities, EnsembleRule rule);

/// Log-probabilities, clamped at log(1e-7) as in Keras: always finite. (…,K)
at::Tensor clamped_log(const at::Tensor& probabilities);

/// How much the parts disagree: entropy of the mean minus the mean entropy, in nats, >= 0. (B,P,K) → (B)
at::Tensor disagreement(const at::Tensor& probabilities);

}  // namespace mien::methods::part_based
