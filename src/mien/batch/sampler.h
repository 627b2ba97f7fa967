// SPDX-License-Identifier: Apache-2.0
// The order of an epoch's samples: a pure function of seed and epoch, so that a resumed run sees the same order.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "mien/base/words.h"

namespace mien::batch {

enum class Sampler {
  shuffle,            ///< every position once
  inverse_frequency,  ///< as many draws as there are samples, with replacement, each class equally likely
  equal_per_class,    ///< as many of each class as of the rarest, without replacement, shuffled
  /// Full batches in which no class has more than ceil(batch_size / classes) members, as many batches as this
  /// allows, without replacement; the remaining pictures are left out of the pass.
  capped_batches,
};
constexpr auto words_of(Sampler) {
  return std::array{"shuffle", "inverse-frequency", "equal-per-class", "capped-batches"};
}

/// Positions into `labels`, which are class indices, or -1 for no label. Their number does not depend on the
/// epoch. `batch_size` matters only for capped_batches.
std::vector<std::int64_t> epoch_order(Sampler sampler, std::span<const std::int64_t> labels, std::uint64_t seed,
                                      int epoch, std::size_t batch_size = 0);

/// First positions of the batches; a last batch of one sample is merged into the one before (batch norm needs two).
/// `drop_last`: a smaller last batch is left out, unless it is the only one. Returns begin offsets plus the end: n
/// batches give n + 1 values. A single sample in total throws bad_input.
std::vector<std::size_t> batch_bounds(std::size_t num_samples, std::size_t batch_size, bool drop_last = false);

}  // namespace mien::batch
