// SPDX-License-Identifier: Apache-2.0
// Terms of the inversion and of stage 0 (card 3); every one is a scalar.
#pragma once

#include "mien/methods/ifer/generator.h"
#include "mien/nn/torch.h"

namespace mien::methods::ifer {

// --- Inversion
// --------------------------------------------------------------------------------------------------------
/// mean (ŷ - x)²
at::Tensor pixel_loss(const at::Tensor& reconstruction, const at::Tensor& source);
/// mean_n (1 - <R(ŷ), R(x)>) of features of length 1 (N,512); x gets no gradient.
at::Tensor identity_loss(const at::Tensor& reconstruction, const at::Tensor& source);
/// Σ_n ‖codes_n - centre‖ / N; codes (N,num_codes,C), centre (C)
at::Tensor code_norm(const at::Tensor& codes, const at::Tensor& centre);
/// (score - target)², mean; score (N,1) is a cosine.
at::Tensor score_loss(const at::Tensor& score, double target);

// --- Stage 0
// ----------------------------------------------------------------------------------------------------------
/// softplus(-real) + softplus(generated), means.
at::Tensor critic_loss(const at::Tensor& real, const at::Tensor& generated);
at::Tensor generator_loss(const at::Tensor& generated);
/// mean_n ‖∂ Σ scores / ∂ images‖², with a graph for its own gradient. `images` requires a gradient.
at::Tensor gradient_penalty(const at::Tensor& scores, const at::Tensor& images);

/// Path length regularisation: lengths ‖∂ Σ(image·noise) / ∂ codes‖ of each picture against their running mean.
struct PathLengths {
  at::Tensor lengths;  ///< (N), √ mean over the codes of Σ_c J²
  at::Tensor mean;     ///< the running mean's new value, with its gradient
  at::Tensor loss;     ///< mean (length - mean)²
};
/// noise as the images, N(0,1)/√(HW); `codes` (N,num_codes,C) requires a gradient; running_mean a scalar.
PathLengths path_lengths(const at::Tensor& images, const at::Tensor& codes, const at::Tensor& noise,
                         const at::Tensor& running_mean);

// --- Recognition
// ------------------------------------------------------------------------------------------------------
/// target · (1 - smoothing) + smoothing / K; rows (N,K) that sum to 1.
at::Tensor smoothed(const at::Tensor& target, double smoothing);

}  // namespace mien::methods::ifer
