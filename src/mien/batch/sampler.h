// SPDX-License-Identifier: Apache-2.0
// The order of an epoch's samples: a pure function of seed and epoch, so that a resumed run sees the same order.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mien::batch {

/// "shuffle": every position once. "inverse-frequency": as many draws as there are samples, with replacement, each
/// class equally likely (weight 1 / class count). "equal-per-class": as many of each class as the rarest has, without
/// replacement, shuffled; fewer than there are samples. "sequential": in order. `labels` are class indices >= 0.
/// Returns positions into `labels`. Throws usage for another kind.
std::vector<std::int64_t> epoch_order(const std::string& kind, std::span<const std::int64_t> labels, std::uint64_t seed,
                                      int epoch);

/// First positions of the batches; a last batch of one sample is merged into the one before (batch norm needs two).
/// `drop_last`: a smaller last batch is left out, unless it is the only one. Returns begin offsets plus the end: n
/// batches give n + 1 values. One sample in all throws bad_input.
std::vector<std::size_t> batch_bounds(std::size_t num_samples, std::size_t batch_size, bool drop_last = false);

}  // namespace mien::batch
