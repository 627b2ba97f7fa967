// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/input.h"

#include "mien/base/error.h"
#include "mien/face/resample.h"

namespace mien::runtime {
namespace {

/// The equalised crop at input size, scaled; `mirror` swaps left and right afterwards, as training mirrors.
void fill_equalised(std::span<const std::uint8_t> picture, int width, int height, const face::InputSpec& spec,
                    bool mirror, std::span<float> out) {
  const auto grey = face::equalised_input(picture, width, height, spec);
  const float gain = 1 / (255 * spec.std[0]), shift = -spec.mean[0] / spec.std[0];
  std::size_t next = 0;
  for (int y = 0; y < spec.height; ++y)
    for (int x = 0; x < spec.width; ++x) {
      const int column = mirror ? spec.width - 1 - x : x;
      out[next++] = static_cast<float>(grey[static_cast<std::size_t>(y) * spec.width + column]) * gain + shift;
    }
}

}  // namespace

void fill_input(std::span<const std::uint8_t> picture, int width, int height, const face::InputSpec& spec, bool mirror,
                std::span<float> out) {
  const int channels = spec.channels;
  check_input(width > 0 && height > 0 && picture.size() == static_cast<std::size_t>(width) * height * channels,
              "The picture does not have height × width × C bytes.");
  check_input(out.size() == static_cast<std::size_t>(spec.width) * spec.height * channels,
              "The network input does not have C × H × W values.");
  if (spec.contrast) {
    fill_equalised(picture, width, height, spec, mirror, out);
    return;
  }
  const face::Taps columns = face::taps(width, spec.width, mirror), rows = face::taps(height, spec.height);
  std::size_t next = 0;
  for (int c = 0; c < channels; ++c) {
    const float gain = 1 / (255 * spec.std[c]), shift = -spec.mean[c] / spec.std[c];
    auto at = [&](int y, int x) {
      return static_cast<float>(picture[(static_cast<std::size_t>(y) * width + x) * channels + c]);
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
