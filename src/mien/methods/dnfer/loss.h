// SPDX-License-Identifier: Apache-2.0
// DNFER's losses (card section 3). B rows, K classes; logits are taken in float32, labels (B) int64.
#pragma once

#include "mien/methods/dnfer/network.h"

namespace mien::methods::dnfer {

/// softmax(logits), clamped to [1e-8, 1 - 1e-8], without gradient. (B,K)
at::Tensor probabilities(const at::Tensor& logits);

/// t_c: mean probability of class c over all rows, with any labels. (B,K) → (K), sums to 1.
at::Tensor batch_thresholds(const at::Tensor& probabilities);

/// p[i, y_i] >= t[y_i], (B) bool. thresholds (K).
at::Tensor clean_mask(const at::Tensor& probabilities, const at::Tensor& labels, const at::Tensor& thresholds);

/// Mean cross-entropy over the clean rows; over all rows if none is clean.
at::Tensor clean_cross_entropy(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& clean);

/// Mean over rows of KL(p||q) + KL(q||p) = Σ_c (p - q)(log p - log q), finite if a probability underflows; `base` of
/// the logarithm 2 or e. Gradients reach both arguments.
at::Tensor symmetric_kl(const at::Tensor& a, const at::Tensor& b, double base);
/// Mean over rows of (KL(p||m) + KL(q||m)) / 2 with m = (p + q) / 2.
at::Tensor jensen_shannon(const at::Tensor& a, const at::Tensor& b, double base);

/// The selection of one view.
struct Selection {
  at::Tensor probabilities;  ///< p (B,K)
  at::Tensor thresholds;     ///< t (K): the probability that a label must reach
  at::Tensor clean;          ///< (B) bool
};
/// By loss.select; `dynamic`: the thresholds if they are dynamic.
Selection select(const DnferConfig& config, const at::Tensor& probabilities, const at::Tensor& labels,
                 const at::Tensor& dynamic);

/// All terms of one batch; the caller weights them. With a single view the strong parts are undefined,
/// `supervised` is the weak one's and `consistency` 0.
struct DnferLosses {
  at::Tensor supervised_weak, supervised_strong, supervised;  ///< scalars; supervised: mean of the views
  at::Tensor consistency;                                     ///< scalar
};
/// `warm`: warm-up, in which every row counts as clean.
DnferLosses compute_losses(const DnferConfig& config, const at::Tensor& weak, const at::Tensor& strong,
                           const at::Tensor& labels, const Selection& of_weak, const Selection& of_strong, bool warm);

}  // namespace mien::methods::dnfer
