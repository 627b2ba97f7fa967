// SPDX-License-Identifier: Apache-2.0
// Attention at one scale, and the choice of scales (card sections 2.2 and 2.3).
#pragma once

#include <vector>

#include "mien/nn/torch.h"

namespace mien::methods::phanet {

inline constexpr double kPoolEps = 1e-6;

class ScaleImpl : public torch::nn::Module {
 public:
  ScaleImpl(std::int64_t in_channels, std::int64_t dim, std::int64_t hidden, std::int64_t num_classes);
  /// F (B,c,h,w) → E (B,dim,h,w) >= 0
  at::Tensor embed_map(const at::Tensor& map);
  /// E (B,dim,h,w) → s (B,1,h,w), real
  at::Tensor score_map(const at::Tensor& embedding);

  torch::nn::BatchNorm2d norm{nullptr}, embed_norm{nullptr}, reduce_norm{nullptr};
  torch::nn::Conv2d embed{nullptr}, reduce{nullptr}, score{nullptr};
  torch::nn::Linear classifier{nullptr};  ///< auxiliary logits, only in training
};
TORCH_MODULE(Scale);

/// a_k = s_k + up(a_{k+1}), from the coarsest scale down: a coarse region limits the attention of finer scales.
/// Scores fine to coarse (B,1,h_k,w_k); bilinear, corners not aligned.
std::vector<at::Tensor> top_down(const std::vector<at::Tensor>& scores);

/// v = Σ_p M E / (Σ_p M + 1e-6). mask (B,1,h,w) or undefined for M = 1; embedding (B,dim,h,w) → (B,dim)
at::Tensor masked_mean(const at::Tensor& mask, const at::Tensor& embedding);

/// The `keep` largest of each row (B,S), renormalised to a sum of 1, the rest 0; ties keep the lower index.
/// Only elementwise operations, so that an exported file selects for each face.
at::Tensor keep_largest(const at::Tensor& probabilities, int keep);

}  // namespace mien::methods::phanet
