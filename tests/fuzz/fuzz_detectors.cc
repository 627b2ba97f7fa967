// SPDX-License-Identifier: Apache-2.0
// Decoding of the detectors' outputs, with any numbers from a network: boxes and landmarks must be finite.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "mien/detect/blazeface.h"
#include "mien/detect/centerface.h"
#include "mien/detect/yunet.h"

namespace {

void check(const std::vector<mien::face::Detection>& found) {
  for (const auto& d : found) {
    bool is_good = std::isfinite(d.box.x) && std::isfinite(d.box.y) && std::isfinite(d.box.width) &&
                   std::isfinite(d.box.height) && d.box.width >= 0 && d.box.height >= 0 && d.landmarks.has_value();
    if (is_good)
      for (const auto& p : d.landmarks->points()) is_good = is_good && std::isfinite(p.x) && std::isfinite(p.y);
    if (!is_good) std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mien::face;
  if (size < 8) return 0;
  std::vector<float> values(size / 4);
  std::memcpy(values.data(), data, values.size() * 4);
  const auto value = [&](std::size_t i) { return values[i % values.size()]; };
  if (data[0] % 2) {
    static const mien::detect::BlazeFaceLayout layout = blazeface_layout(mien::detect::BlazeFaceRange::short_range);
    std::vector<float> regressors(layout.anchors.size() * mien::detect::kBlazeFaceValues),
        scores(layout.anchors.size(), -9);
    for (std::size_t i = 0; i < std::min(values.size(), scores.size()); ++i) scores[i] = value(i);
    for (std::size_t i = 0; i < regressors.size(); ++i) regressors[i] = value(i + 1);
    check(decode_blazeface(layout, regressors, scores, 0.5f));
    return 0;
  }
  const int width = 1 + data[1] % 8, height = 1 + data[2] % 8;
  if (data[0] % 4 == 2) {
    std::vector<std::vector<float>> outputs;
    std::array<mien::detect::YunetLevel, 3> levels;
    const int input_width = 32 * width, input_height = 32 * height;
    for (std::size_t level = 0; level < levels.size(); ++level) {
      const int stride = mien::detect::kYunetStrides[level];
      const auto cells = static_cast<std::size_t>(input_width / stride * (input_height / stride));
      outputs.emplace_back(16 * cells);
      for (std::size_t i = 0; i < outputs.back().size(); ++i) outputs.back()[i] = value(i + level + 1);
      const std::span<const float> all(outputs.back());
      levels[level] = {all.first(cells), all.subspan(cells, cells), all.subspan(2 * cells, 4 * cells),
                       all.subspan(6 * cells)};
    }
    check(decode_yunet(levels, input_width, input_height, 0.5f));
    return 0;
  }
  const std::size_t plane = static_cast<std::size_t>(width * height);
  std::vector<float> all(15 * plane);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = value(i + 1);
  const std::span<const float> maps(all);
  check(mien::detect::decode_centerface({width, height, maps.first(plane), maps.subspan(plane, 2 * plane),
                                         maps.subspan(3 * plane, 2 * plane), maps.subspan(5 * plane)},
                                        0.5f));
  return 0;
}
