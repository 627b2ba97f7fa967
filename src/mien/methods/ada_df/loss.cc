// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/loss.h"

#include <cmath>

#include "mien/nn/cross_entropy.h"

namespace mien::methods::ada_df {

Ramps ramps(int e, double beta) {
  if (e <= beta) return {std::exp(-std::pow(1 - e / beta, 2)), 1};
  return {1, std::exp(-std::pow(1 - beta / e, 2))};
}

at::Tensor rank_loss(const at::Tensor& attention, double share, double margin, std::int64_t n) {
  const at::Tensor a = attention.flatten();
  const auto high = static_cast<std::int64_t>(std::floor(share * static_cast<double>(n) + 1e-9)),
             low = n - high;  // 0.7 · 10 is 7
  if (high < 1 || low < 1) return at::zeros({}, a.options());
  const at::Tensor mean_high = std::get<0>(a.topk(high, 0, /*largest=*/true)).mean();
  const at::Tensor mean_low = std::get<0>(a.topk(low, 0, /*largest=*/false)).mean();
  return at::relu(mean_low - mean_high + margin);
}

at::Tensor rescale(const at::Tensor& attention, double w_min, double w_max) {
  const at::Tensor low = attention.min(), range = attention.max() - low;
  const at::Tensor safe = range + (range == 0).to(at::kFloat) * 1e-12;
  return (attention - low) / safe * (w_max - w_min) + w_min;
}

at::Tensor fuse(const at::Tensor& w, const at::Tensor& label_distribution, const at::Tensor& class_distribution) {
  return (1 - w) * label_distribution + w * class_distribution;
}

at::Tensor kl_divergence(const at::Tensor& target, const at::Tensor& logits, std::int64_t n) {
  const at::Tensor log_target = target.clamp_min(1e-37).log();  // 0·log 0 = 0, and the gradient stays finite
  return (target * (log_target - at::log_softmax(logits.to(at::kFloat), 1))).sum() / static_cast<double>(n);
}

AdaDfLosses compute_losses(const AdaDfConfig& c, const AdaDfOutput& out, const at::Tensor& labels,
                           const at::Tensor& table, std::int64_t configured_rows) {
  const std::int64_t num_classes = table.size(0), n = c.reference_quirks ? configured_rows : labels.size(0);
  const at::Tensor hard = at::one_hot(labels, num_classes).to(at::kFloat);
  AdaDfLosses r;
  const at::Tensor smooth = hard * (1 - c.label_smoothing) + c.label_smoothing / static_cast<double>(num_classes);
  r.cross_entropy = nn::cross_entropy(out.auxiliary.logits, smooth);
  r.rank = c.rank_loss ? rank_loss(out.attention, c.rank_share, c.rank_margin, n) : at::zeros({}, hard.options());
  const auto fixed = c.fixed_weight();
  r.weights = fixed ? at::full_like(out.attention, *fixed) : rescale(out.attention, c.w_min, c.w_max);
  const at::Tensor label_distribution = at::softmax(out.auxiliary.logits, 1);
  switch (c.target) {
    case Target::onehot:
      r.targets = hard;
      break;
    case Target::label:
      r.targets = label_distribution;
      break;
    case Target::class_:
      r.targets = table.index_select(0, labels);
      break;
    case Target::fused:
      r.targets = fuse(r.weights, label_distribution, table.index_select(0, labels));
      break;
  }
  if (c.detach_target) r.targets = r.targets.detach();
  r.kl = kl_divergence(r.targets, out.target.logits, n);
  return r;
}

}  // namespace mien::methods::ada_df
