// SPDX-License-Identifier: Apache-2.0
// The parts of the face whose landmarks the sub-networks learn first (card 2.1), as ranges of the 68-point scheme.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mien/base/words.h"
#include "mien/face/points68.h"

namespace mien::methods::part_based {

enum class Part { eyebrows, eyes, nose, mouth, jaw, full };
constexpr auto words_of(Part) { return std::array{"eyebrows", "eyes", "nose", "mouth", "jaw", "full"}; }

inline constexpr auto kPoints = static_cast<std::int64_t>(face::kNumPoints68);

/// The five of the ensemble, in the paper's order; `full` is an ablation.
const std::vector<Part>& ensemble_parts();

std::string name_of(Part part);
/// Throws usage with the nearest valid name.
Part part_named(const std::string& name);

/// Points [first, last) of the scheme.
struct PointRange {
  std::int64_t first = 0, last = 0;
  std::int64_t count() const { return last - first; }
};
PointRange points_of(Part part);

}  // namespace mien::methods::part_based
