// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/input.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "mien/base/error.h"

namespace mien::runtime {
namespace {

/// For each output position: the two source positions and the weight of the second.
struct Taps {
  std::vector<int> low, high;
  std::vector<float> weight;
};

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

}  // namespace

void fill_input(std::span<const std::uint8_t> crop, int side, const face::InputSpec& spec, bool mirror,
                std::span<float> out) {
  const int channels = spec.channels;
  check_input(side > 0 && crop.size() == static_cast<std::size_t>(side) * side * channels,
              "The crop does not have side × side × C bytes.");
  check_input(out.size() == static_cast<std::size_t>(spec.width) * spec.height * channels,
              "The network input does not have C × H × W values.");
  const Taps columns = taps(side, spec.width, mirror), rows = taps(side, spec.height, false);
  std::size_t next = 0;
  for (int c = 0; c < channels; ++c) {
    const float gain = 1 / (255 * spec.std[c]), shift = -spec.mean[c] / spec.std[c];
    auto at = [&](int y, int x) {
      return static_cast<float>(crop[(static_cast<std::size_t>(y) * side + x) * channels + c]);
    };
    for (int y = 0; y < spec.height; ++y) {
      const int above = rows.low[y], below = rows.high[y];
      for (int x = 0; x < spec.width; ++x) {
        const int left = columns.low[x], right = columns.high[x];
        const float w = columns.weight[x];
        const float upper = at(above, left) + (at(above, right) - at(above, left)) * w;
        const float lower = at(below, left) + (at(below, right) - at(below, left)) * w;
        out[next++] = (upper + (lower - upper) * rows.weight[y]) * gain + shift;
      }
    }
  }
}

}  // namespace mien::runtime
