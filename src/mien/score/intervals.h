// SPDX-License-Identifier: Apache-2.0
// Uncertainty of figures: intervals of shares, and the figures of each class with their intervals.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "mien/score/classification.h"

namespace mien::score {

/// Wilson's score interval (Wilson 1927) of the share hits / n, 95 %: right for small n and for shares near 0 or 1.
/// {0, 1} if n is 0.
Interval wilson_interval(std::int64_t hits, std::int64_t n);

/// A share with its 95 % interval; nothing if it is undefined (no such picture, nothing predicted so).
struct Share {
  double value = 0;
  Interval interval;
};

struct ClassFigures {
  std::int64_t pictures = 0;       ///< of this true class
  std::int64_t predicted = 0;      ///< predicted as this class
  std::optional<Share> recall;     ///< interval: Wilson
  std::optional<Share> precision;  ///< interval: Wilson
  std::optional<Share> f1;         ///< interval: percentile bootstrap over pictures, `resamples` draws, seeded
};
/// One entry per class. The bootstrap draws whole pictures (their truth and prediction together) with replacement; a
/// draw in which the class neither occurs nor is predicted is left out.
std::vector<ClassFigures> class_figures(const Confusion& confusion, int resamples = 2000, std::uint64_t seed = 0);

}  // namespace mien::score
