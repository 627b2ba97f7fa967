// SPDX-License-Identifier: Apache-2.0
// FDRL's losses and the update of its centres (card section 3). l (N,M,D) latent features, w (N,M) their weights
// α, labels (N) int64; sums over components, no factor 1/2; float32.
#pragma once

#include "mien/nn/torch.h"

namespace mien::methods::fdrl {

/// L_C = (1/N) Σ_i Σ_j ||l_ij - c_j||², centers c (M,D). Scalar
at::Tensor compactness_loss(const at::Tensor& latent, const at::Tensor& centers);
/// L_B = ||w̄ - 1/M||_1 with w̄ the batch's mean; `times_rows`: N times as much, as in the re-implementation. Scalar
at::Tensor balance_loss(const at::Tensor& weights, bool times_rows);
/// L_D = (1/N) Σ_i ||w_i - u_{y_i}||², centers u (K,M). Scalar
at::Tensor distribution_loss(const at::Tensor& weights, const at::Tensor& labels, const at::Tensor& centers);

/// c_j ← c_j - ρ Σ_i (c_j - l_ij) / (1 + N), in place.
void move_latent_centers(at::Tensor& centers, const at::Tensor& latent, double rate);
/// u_k ← u_k - ρ Σ_{i: y_i = k} (u_k - w_i) / (1 + n_k), in place; classes missing in the batch stay.
void move_weight_centers(at::Tensor& centers, const at::Tensor& weights, const at::Tensor& labels, double rate);

/// Monitors, without gradient: mean over pictures of ||w_i - mean of its class in the batch||, and mean ||l_ij - c_j||.
at::Tensor spread_within_classes(const at::Tensor& weights, const at::Tensor& labels, std::int64_t num_classes);
at::Tensor distance_to_centers(const at::Tensor& latent, const at::Tensor& centers);

}  // namespace mien::methods::fdrl
