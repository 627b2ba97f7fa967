// SPDX-License-Identifier: Apache-2.0
// Random numbers for augmentations: all drawn on the CPU from one generator, so that a step repeats exactly on every
// device.
#pragma once

#include "mien/nn/torch.h"

namespace mien::batch {

/// (n) float32, uniform in [lowest, highest).
at::Tensor uniform(std::int64_t n, double lowest, double highest, at::Generator& generator);
/// (n) bool, true with the given probability.
at::Tensor chance(std::int64_t n, double probability, at::Generator& generator);

}  // namespace mien::batch
