// SPDX-License-Identifier: Apache-2.0
#include "mien/face/resample.h"

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"

namespace mien::face {

Taps taps(int source, int target, bool mirror) {
  Taps t;
  for (int i = 0; i < target; ++i) {
    const int at = mirror ? target - 1 - i : i;
    const float centre =
        (static_cast<float>(at) + 0.5f) * static_cast<float>(source) / static_cast<float>(target) - 0.5f;
    const float clamped = std::clamp(centre, 0.0f, static_cast<float>(source - 1));
    const int low = static_cast<int>(clamped);
    t.low.push_back(low);
    t.high.push_back(std::min(low + 1, source - 1));
    t.weight.push_back(clamped - static_cast<float>(low));
  }
  return t;
}

std::vector<std::uint8_t> equalised_input(std::span<const std::uint8_t> grey, int width, int height,
                                          const InputSpec& spec) {
  check_input(spec.contrast.has_value(), "The input has no contrast step.");
  check_input(
      width > 0 && height > 0 && grey.size() == static_cast<std::size_t>(width) * static_cast<std::size_t>(height),
      "The picture does not have width × height bytes.");
  std::vector<std::uint8_t> out(static_cast<std::size_t>(spec.width) * static_cast<std::size_t>(spec.height));
  const Taps columns = taps(width, spec.width), rows = taps(height, spec.height);
  std::size_t next = 0;
  for (int y = 0; y < spec.height; ++y) {
    const auto above = grey.subspan(static_cast<std::size_t>(rows.low[y]) * width, width);
    const auto below = grey.subspan(static_cast<std::size_t>(rows.high[y]) * width, width);
    for (int x = 0; x < spec.width; ++x) {
      const int left = columns.low[x], right = columns.high[x];
      const auto mix = [](float a, float b, float weight) { return a + (b - a) * weight; };
      const float upper = mix(above[left], above[right], columns.weight[x]);
      const float lower = mix(below[left], below[right], columns.weight[x]);
      out[next++] = static_cast<std::uint8_t>(std::nearbyint(mix(upper, lower, rows.weight[y])));
    }
  }
  equalise(out, spec.width, spec.height, *spec.contrast);
  return out;
}

}  // namespace mien::face
