// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/scan_cci/loss.h"

#include <cmath>

namespace mien::methods::scan_cci {
namespace {

/// In the logits' own precision: the golden file is compared in float64.
at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& labels, const at::Tensor& weights) {
  const at::Tensor w = weights.defined() ? weights.to(logits.scalar_type()) : weights;
  return at::nll_loss(at::log_softmax(logits, 1), labels, w);
}

}  // namespace

at::Tensor class_weights(const at::Tensor& counts, double beta) {
  const at::Tensor n = counts.to(at::kDouble);
  const at::Tensor effective = (1 - beta) / (1 - at::exp(n * std::log(beta)));
  const at::Tensor present = at::where(n > 0, effective, at::zeros_like(effective));
  return (present / present.sum() * static_cast<double>(n.size(0))).to(at::kFloat);
}

ScanCciLosses compute_losses(const ScanCciOutput& out, const at::Tensor& labels, const at::Tensor& weights) {
  ScanCciLosses losses;
  if (out.attention.logits.defined()) losses.attention = cross_entropy(out.attention.logits, labels, weights);
  if (out.context.logits.defined()) {
    std::vector<at::Tensor> each;
    for (std::int64_t r = 0; r < out.context.logits.size(1); ++r)
      each.push_back(cross_entropy(out.context.logits.select(1, r), labels, weights));
    losses.by_region = at::stack(each);
    losses.region_sum = losses.by_region.sum();
  }
  return losses;
}

}  // namespace mien::methods::scan_cci
