// SPDX-License-Identifier: Apache-2.0
// Ada-DF's losses (card section 3) and the mixture that the target branch learns. All float32; B rows, K classes.
#pragma once

#include "mien/methods/ada_df/network.h"

namespace mien::methods::ada_df {

/// Weights of the two branches' losses at epoch e (1-based): the divergence rises to 1 at e = beta, from then on the
/// cross-entropy falls towards 1/e.
struct Ramps {
  double kl = 1, cross_entropy = 1;
};
Ramps ramps(int e, double beta);

/// max(0, mean of the low - mean of the high weights + margin) with high = the floor(share · n) largest of a (B,1), low
/// = the n - that many smallest. n: rows, or the reference's value for them. Inactive or one-sided: a constant 0.
at::Tensor rank_loss(const at::Tensor& attention, double share, double margin, std::int64_t n);

/// a (B,1) → w: the batch's smallest becomes w_min, its largest w_max; equal ones w_min. Gradients pass through both
/// ends.
at::Tensor rescale(const at::Tensor& attention, double w_min, double w_max);

/// T = (1 - w) · label distribution + w · class distribution. w (B,1); the others (B,K).
at::Tensor fuse(const at::Tensor& w, const at::Tensor& label_distribution, const at::Tensor& class_distribution);

/// Σ_i KL(T_i || softmax(logits_i)) / n, natural logarithm, 0·log 0 = 0; gradients reach both arguments.
at::Tensor kl_divergence(const at::Tensor& target, const at::Tensor& logits, std::int64_t n);

/// All terms of one batch; the caller weights them.
struct AdaDfLosses {
  at::Tensor cross_entropy, kl, rank;  ///< scalars
  at::Tensor weights;                  ///< w (B,1); constant for a fixed weight
  at::Tensor targets;                  ///< T (B,K)
};
/// table: class distributions (K,K). configured_rows: the divisor of reference_quirks (rows of the reference's batch
/// size).
AdaDfLosses compute_losses(const AdaDfConfig& config, const AdaDfOutput& out, const at::Tensor& labels,
                           const at::Tensor& table, std::int64_t configured_rows);

}  // namespace mien::methods::ada_df
