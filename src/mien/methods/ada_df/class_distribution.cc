// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/class_distribution.h"

namespace mien::methods::ada_df {

at::Tensor threshold_table(std::int64_t k, double t, double rest) {
  const at::Tensor eye = at::eye(k);
  return eye * t + (1 - eye) * (rest / static_cast<double>(k - 1));
}

ClassSums::ClassSums(std::int64_t k) : sums(at::zeros({k, k}, at::kDouble)), counts(at::zeros({k}, at::kLong)) {}

void ClassSums::add(const at::Tensor& probabilities, const at::Tensor& labels) {
  const torch::NoGradGuard no_grad;
  const at::Tensor y = labels.to(sums.device());
  sums.index_add_(0, y, probabilities.detach().to(sums.options()));
  counts.index_add_(0, y, at::ones_like(y));
}

void ClassSums::clear() {
  const torch::NoGradGuard no_grad;
  sums.zero_();
  counts.zero_();
}

at::Tensor class_distributions(const ClassSums& s, double t, bool quirks) {
  const at::Tensor mean = s.sums / s.counts.clamp_min(1).unsqueeze(1);
  const at::Tensor sure = (mean.diagonal() >= t) & (s.counts > 0);
  const at::Tensor fallback = threshold_table(s.counts.size(0), t, quirks ? 0.4 : 1 - t).to(mean.options());
  return at::where(sure.unsqueeze(1), mean, fallback).to(at::kFloat);
}

at::Tensor sharpened(const at::Tensor& table, bool quirks) {
  const at::Tensor p = table.pow(1 / 1.2);
  return p / (quirks ? p.sum(1) : p.sum(1, /*keepdim=*/true));
}

}  // namespace mien::methods::ada_df
