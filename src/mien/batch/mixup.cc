// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/mixup.h"

namespace mien::batch {

MixupDraw draw_mixup(std::int64_t batch, double alpha, at::Generator& generator) {
  // Beta(a, a) is the first part of a symmetric Dirichlet distribution of two parts.
  const at::Tensor parts = at::_sample_dirichlet(at::full({2}, alpha, at::kDouble), generator);
  return {parts[0].item<double>(), at::randperm(batch, generator, at::TensorOptions(at::kLong))};
}

void mix(Batch& batch, const MixupDraw& draw) {
  const auto mixed = [&](const at::Tensor& x) {
    return x * draw.share + x.index_select(0, draw.order.to(x.device())) * (1 - draw.share);
  };
  for (at::Tensor& view : batch.views) view = mixed(view);
  batch.distribution = mixed(batch.distribution);
}

}  // namespace mien::batch
