// SPDX-License-Identifier: Apache-2.0
// DAN's two losses (paper sections 3.1 and 3.3), in the form of the reference code, from which the published
// checkpoints come.
#pragma once

#include "mien/methods/dan/config.h"
#include "mien/nn/torch.h"

namespace mien::methods::dan {

/// Affinity loss: pooled features are drawn to the centre of their class, centres apart from each other.
///   d_i = ||f_i - c_{y_i}||²,  S = sum over dimensions of Var_k(c_k) (unbiased),  L = mean_i clamp(d_i / S, 1e-12,
///   1e12)
class AffinityLossImpl : public torch::nn::Module {
 public:
  /// `centre_loss`: S = 1, the plain centre loss.
  AffinityLossImpl(std::int64_t num_centers, std::int64_t channels, bool centre_loss = false);
  /// features (B,D,h,w) or pooled (B,D); labels (B) int64, below the number of centres → scalar
  at::Tensor forward(const at::Tensor& features, const at::Tensor& labels);

  at::Tensor centers;  ///< (K,D), a trained parameter, drawn from N(0,1)

 private:
  bool centre_loss_;
};
TORCH_MODULE(AffinityLoss);

/// Partition loss on A (B,H,D): heads should differ.
///   code:  ln(1 + H / (mean_ij Var_h(A_ihj) + eps));   paper:  mean_ij ln(1 + H / (Var_h(A_ihj) + eps))
/// One head: 0. Equal heads: finite, gradient exactly 0.
at::Tensor partition_loss(const at::Tensor& heads, PartitionForm form = PartitionForm::code,
                          double eps = 2.220446049250313e-16);

/// Mean over samples and channels of the variance across heads (what the partition loss raises); 0 for one head.
at::Tensor head_variance(const at::Tensor& heads);

/// Mean squared distance of pooled features to the mean of their class, over the variance of the class means within
/// the batch (what the affinity loss lowers). features (B,D,h,w) or (B,D); labels (B) int64 → scalar; very large if one
/// class occurs alone.
at::Tensor class_scatter(const at::Tensor& features, const at::Tensor& labels);

}  // namespace mien::methods::dan
