// SPDX-License-Identifier: Apache-2.0
// Mixup (Zhang et al. 2018, algorithm of section 2): each picture and its target are mixed with another of
// the batch.
#pragma once

#include "mien/batch/batch.h"

namespace mien::batch {

struct MixupDraw {
  double share = 1;  ///< λ of the picture itself
  at::Tensor order;  ///< (B) int64: which picture is mixed in
};
/// One share per batch from Beta(alpha, alpha), alpha > 0, and a permutation.
MixupDraw draw_mixup(std::int64_t batch, double alpha, at::Generator& generator);

/// λ x + (1 - λ) x[order], for every view and for the distribution. The cross-entropy against the mixed distribution is
/// λ CE(y) + (1 - λ) CE(y[order]). Labels stay those of the picture itself.
void mix(Batch& batch, const MixupDraw& draw);

}  // namespace mien::batch
