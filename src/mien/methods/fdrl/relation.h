// SPDX-License-Identifier: Apache-2.0
// Decomposition and reconstruction as pure functions of the pooled feature (card section 2): the same code trains and
// is exported. N pictures, M latent features of size D, P = size of the pooled feature, K classes; all float32.
#pragma once

#include "mien/methods/fdrl/config.h"
#include "mien/nn/torch.h"

namespace mien::methods::fdrl {

/// One linear layer per latent feature.
struct StackedLinear {
  at::Tensor weight;  ///< (M,out,in)
  at::Tensor bias;    ///< (M,out)
};

/// x (N,in), the same for all → (N,M,out)
at::Tensor apply_to_each(const at::Tensor& x, const StackedLinear& layer);
/// x (N,M,in), one per layer → (N,M,out)
at::Tensor apply_one_by_one(const at::Tensor& x, const StackedLinear& layer);

/// Intra-W: mean or sum over D of sigmoid(W_s l + b_s). latent (N,M,D) → α (N,M), in (0,1) or (0,D)
at::Tensor intra_weights(const at::Tensor& latent, const StackedLinear& layer, bool mean);
/// Inter-W: tanh of the pairwise distance, 0 on the diagonal. messages (N,M,D) → ω (N,M,M), symmetric, in [0,1). The
/// gradient of a distance of 0 is 0 (trap 6); the difference is taken directly, not by products (trap 7).
at::Tensor inter_weights(const at::Tensor& messages, Distance distance);

/// Tensors of disabled modules stay undefined.
struct Reconstruction {
  at::Tensor latent;         ///< l (N,M,D) >= 0
  at::Tensor intra_weights;  ///< α (N,M)
  at::Tensor intra;          ///< f (N,M,D) = α l
  at::Tensor messages;       ///< g (N,M,D) >= 0
  at::Tensor inter_weights;  ///< ω (N,M,M)
  at::Tensor inter;          ///< h (N,M,D): messages of the others, weighed by ω
  at::Tensor expression;     ///< y (N,D); without decomposition the pooled feature (N,P)
};

struct FdrlLayers {
  StackedLinear decompose, intra, inter;
};

/// basic (N,P): the pooled feature.
Reconstruction reconstruct(const FdrlConfig& config, const FdrlLayers& layers, const at::Tensor& basic);

/// The origin of latent feature j: Σ_d [l_jd > 0] · (W_d · F) per cell, whose mean over the cells is Σ_d l_jd up to
/// the bias (card section 7). map (N,P,h,w) → (N,M,h,w)
at::Tensor latent_maps(const at::Tensor& map, const at::Tensor& latent, const StackedLinear& decompose);

}  // namespace mien::methods::fdrl
