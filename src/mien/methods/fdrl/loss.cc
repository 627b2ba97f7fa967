// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fdrl/loss.h"

namespace mien::methods::fdrl {
namespace {

/// Sum of the rows of each class (K,M), and their number (K,1).
std::pair<at::Tensor, at::Tensor> sums_by_class(const at::Tensor& rows, const at::Tensor& labels,
                                                std::int64_t num_classes) {
  const at::Tensor member = at::one_hot(labels, num_classes).to(rows.scalar_type());
  return {at::matmul(member.t(), rows), member.sum(0).unsqueeze(1)};
}

}  // namespace

at::Tensor compactness_loss(const at::Tensor& latent, const at::Tensor& centers) {
  return (latent - centers).square().sum({1, 2}).mean();
}

at::Tensor balance_loss(const at::Tensor& weights, bool times_rows) {
  const at::Tensor loss = (weights.mean(0) - 1.0 / static_cast<double>(weights.size(1))).abs().sum();
  return times_rows ? loss * weights.size(0) : loss;
}

at::Tensor distribution_loss(const at::Tensor& weights, const at::Tensor& labels, const at::Tensor& centers) {
  return (weights - centers.index_select(0, labels)).square().sum(1).mean();
}

void move_latent_centers(at::Tensor& centers, const at::Tensor& latent, double rate) {
  const torch::NoGradGuard no_grad;
  const auto n = static_cast<double>(latent.size(0));
  centers.sub_((centers * n - latent.detach().sum(0)) * (rate / (1 + n)));
}

void move_weight_centers(at::Tensor& centers, const at::Tensor& weights, const at::Tensor& labels, double rate) {
  const torch::NoGradGuard no_grad;
  const auto [sums, counts] = sums_by_class(weights.detach(), labels, centers.size(0));
  centers.sub_((centers * counts - sums) / (1 + counts) * rate);
}

at::Tensor spread_within_classes(const at::Tensor& weights, const at::Tensor& labels, std::int64_t num_classes) {
  const torch::NoGradGuard no_grad;
  const auto [sums, counts] = sums_by_class(weights, labels, num_classes);
  return (weights - (sums / counts.clamp_min(1)).index_select(0, labels)).norm(2, 1).mean();
}

at::Tensor distance_to_centers(const at::Tensor& latent, const at::Tensor& centers) {
  const torch::NoGradGuard no_grad;
  return (latent - centers).norm(2, 2).mean();
}

}  // namespace mien::methods::fdrl
