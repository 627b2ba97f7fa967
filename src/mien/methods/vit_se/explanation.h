// SPDX-License-Identifier: Apache-2.0
// Explanations of ViT-SE's decision (card 7), as plain functions of the forward pass: attention rollout, Grad-CAM
// with a closed-form gradient, so that an exported file needs none, and Eigen-CAM.
#pragma once

#include <vector>

#include "mien/methods/vit_se/network.h"

namespace mien::methods::vit_se {

/// Attention rollout (Abnar and Zuidema 2020): A_i = (mean over heads + identity) / 2, product A_L ... A_1. `attention`
/// per block (B,h,N,N); of the last block the class token's row (B,h,1,N) is enough. → (B,N-1), the class token's row
/// of the product without itself
at::Tensor rollout(const std::vector<at::Tensor>& attention);

/// A block's values for the class token; other tokens contribute only their keys and values.
struct ClassTokenPass {
  at::Tensor normed;     ///< u, output of norm1 (B,N,D)
  at::Tensor attention;  ///< class token's row (B,h,1,N)
  at::Tensor query;      ///< of the class token (B,h,1,D/h)
  at::Tensor own_value;  ///< value of the class token (B,h,1,D/h)
  at::Tensor attended;   ///< attention · values (B,h,1,D/h)
  at::Tensor middle;     ///< after the attention (B,D)
  at::Tensor hidden;     ///< MLP before its GELU (B,M)
  at::Tensor output;     ///< class token after the block (B,D)
};
ClassTokenPass class_token_pass(BlockImpl& block, const at::Tensor& tokens);

/// Grad-CAM (Selvaraju et al. 2017) of every class at norm1 of the last block, without the class token: weights
/// w_kc = mean over the patches of ∂ logit_k / ∂ u_c, maps Σ_c w_kc u_c, signed (no ReLU). `pass` is the
/// last block's, `head` the head's output on the network's features. → (B,K,rows,columns) Only the class token reaches
/// the logits, so the sum of the gradients over all patches needs no loop over patches: with the attention a₀ that the
/// class token pays to itself, the sums over the patches are 1 - a₀ (values) and -a₀ (g · v₀ - g · o) (keys), where g
/// is the gradient at the attended value o.
at::Tensor class_maps(VitSeNetImpl& network, const ClassTokenPass& pass, const HeadOutput& head);

/// Eigen-CAM (Muhammad and Yeasin 2020): activations (B,n,D), centred over n, projected on their first right singular
/// vector; the sign makes the entry of largest magnitude positive. → (B,n)
at::Tensor eigen_cam(const at::Tensor& activations);
/// The same by repeated squaring of the matrix of inner products, without a decomposition, for export. Ten squarings
/// are 1024 power iterations, enough if the first singular value is larger by one hundredth.
at::Tensor eigen_cam_by_powers(const at::Tensor& activations);

}  // namespace mien::methods::vit_se
