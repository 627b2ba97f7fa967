// SPDX-License-Identifier: Apache-2.0
// Pictures that occur more than once, inside a split and, worse, across splits.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "mien/dataset/fingerprint.h"

namespace mien::dataset {

enum class Likeness { exact, similar, mirrored };
std::string_view to_string(Likeness likeness);

struct Pair {
  std::size_t first, second;  ///< positions, first < second
  Likeness likeness;
};

/// All pairs of equal pixels (each later picture with the first equal one), then pairs whose 32 × 32 thumbs correlate
/// by at least kAlike, also mirrored. Pairs are found by dHash first, so that a pair far apart in brightness structure
/// is never compared; unreadable pictures (empty content) are left out.
std::vector<Pair> find_duplicates(std::span<const Fingerprint> pictures);

/// Conservative: measured on FER+ (docs/data-sets.md), JPEG at quality 80 stays above, two pictures of one video below.
inline constexpr double kAlike = 0.985;

/// Groups of pictures that are connected by pairs. A group of n pictures in s splits counts s - 1 across and
/// n - s within.
struct DuplicateCounts {
  std::size_t within = 0, across = 0, label_conflicts = 0;  ///< conflicts: groups with more than one label
};
DuplicateCounts count_duplicates(std::span<const Pair> pairs, std::span<const int> split, std::span<const int> label);

}  // namespace mien::dataset
