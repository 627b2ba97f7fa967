// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/loss.h"

namespace mien::methods::dan {

AffinityLossImpl::AffinityLossImpl(std::int64_t num_centers, std::int64_t channels, bool centre_loss)
    : centre_loss_(centre_loss) {
  centers = register_parameter("centers", torch::randn({num_centers, channels}));
}

at::Tensor AffinityLossImpl::forward(const at::Tensor& features, const at::Tensor& labels) {
  at::Tensor pooled = features.to(at::kFloat);
  if (pooled.dim() == 4) pooled = pooled.mean({2, 3});
  // Subtracts directly: the reference's expanded square loses digits by cancellation.
  const at::Tensor distance = (pooled - centers.index_select(0, labels)).square().sum(1);
  if (centre_loss_) return distance.clamp(1e-12, 1e12).mean();
  const at::Tensor spread = centers.var(0, /*unbiased=*/true).sum();
  return (distance / spread).clamp(1e-12, 1e12).mean();
}

at::Tensor class_scatter(const at::Tensor& features, const at::Tensor& labels) {
  at::Tensor pooled = features.to(at::kFloat);
  if (pooled.dim() == 4) pooled = pooled.mean({2, 3});
  const at::Tensor member = at::one_hot(labels).to(at::kFloat);  // (B,K)
  const at::Tensor count = member.sum(0);
  const at::Tensor present = count > 0;
  const at::Tensor means = member.t().matmul(pooled) / count.clamp_min(1).unsqueeze(1);
  const at::Tensor within = (pooled - means.index_select(0, labels)).square().sum(1).mean();
  const at::Tensor between = means.index({present}).var(0, /*unbiased=*/false).sum();
  return within / between.clamp_min(1e-12);
}

at::Tensor head_variance(const at::Tensor& heads) {
  if (heads.size(1) < 2) return at::zeros({}, heads.options());
  return heads.var(1, /*unbiased=*/true).mean();
}

at::Tensor partition_loss(const at::Tensor& heads, PartitionForm form, double eps) {
  const auto num_heads = static_cast<double>(heads.size(1));
  if (heads.size(1) < 2) return at::zeros({}, heads.options());
  if (form == PartitionForm::paper) return (num_heads / (heads.var(1, /*unbiased=*/true) + eps) + 1).log().mean();
  return (num_heads / (head_variance(heads) + eps) + 1).log();
}

}  // namespace mien::methods::dan
