// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/parts.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::methods::part_based {

const std::vector<Part>& ensemble_parts() {
  static const std::vector<Part> parts{Part::eyebrows, Part::eyes, Part::nose, Part::mouth, Part::jaw};
  return parts;
}

std::string name_of(Part part) { return std::string(to_word(part)); }

Part part_named(const std::string& name) {
  if (const auto part = from_word<Part>(name)) return *part;
  fail_usage(fmt::format("Unknown part of the face {}.", quote(name)), did_you_mean(name, all_words<Part>()));
}

PointRange points_of(Part part) {
  constexpr PointRange ranges[] = {{17, 27}, {36, 48}, {27, 36}, {48, 68}, {0, 17}, {0, kPoints}};
  return ranges[static_cast<std::size_t>(part)];
}

}  // namespace mien::methods::part_based
