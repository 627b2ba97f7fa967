// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/cross_entropy.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/nn/shape_text.h"

namespace mien::nn {

at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& target) {
  check_input(logits.sizes() == target.sizes(), fmt::format("Logits {} and target {} differ in shape.",
                                                            shape_text(logits.sizes()), shape_text(target.sizes())));
  return -(at::log_softmax(logits.to(at::kFloat), 1) * target).sum(1).mean();
}

at::Tensor blend_target(const at::Tensor& distribution, const at::Tensor& labels, double share) {
  const at::Tensor hard = at::one_hot(labels, distribution.size(1)).to(at::kFloat);
  return share > 0 ? distribution * share + hard * (1 - share) : hard;
}

}  // namespace mien::nn
