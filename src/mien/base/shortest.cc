// SPDX-License-Identifier: Apache-2.0
#include "mien/base/shortest.h"

#include <array>
#include <charconv>
#include <cmath>

namespace mien {

double shortest(float value) {
  if (!std::isfinite(value)) return value;
  std::array<char, 64> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  double out = 0;
  std::from_chars(digits.data(), end, out);
  return out;
}

double rounded(double value, double per_unit) { return std::round(value * per_unit) / per_unit; }

}  // namespace mien
