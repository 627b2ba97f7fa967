// SPDX-License-Identifier: Apache-2.0
// A small learnable data set: each class is a bright bar at its own position, with noise and a box. Enough to see that
// training works.
#pragma once

#include <filesystem>

#include "mien/base/random.h"
#include "mien/pack/pack.h"

namespace mien::testing {

/// 48×48 grey pictures of eight classes in all three splits.
inline std::filesystem::path write_small_set(const std::filesystem::path& path, int train = 40, int valid = 16) {
  pack::PackInfo info;
  info.classes = face::class_set(8);
  info.data_set = "bars";
  info.label_rule = "single";
  pack::PackWriter writer(path, info);
  Random random(11);
  for (int i = 0; i < train + 2 * valid; ++i) {
    pack::Sample s;
    s.split = i < train ? pack::Split::train : i < train + valid ? pack::Split::valid : pack::Split::test;
    s.label = i % 8;
    s.distribution[static_cast<std::size_t>(s.label)] = 1;
    s.boxes = {{{0, 6.f * static_cast<float>(s.label), 48, 6}, s.label}};  // the bar, for detectors
    s.source = std::to_string(i);
    s.yaw = pack::Angle{static_cast<float>(i % 5 * 35 - 70)};
    std::vector<std::uint8_t> pixels(48 * 48);
    for (std::size_t p = 0; p < pixels.size(); ++p) {
      const auto row = static_cast<int>(p / 48);
      pixels[p] = static_cast<std::uint8_t>((row / 6 == s.label ? 160 : 40) + random.below(60));
    }
    writer.add(s, pixels);
  }
  writer.commit();
  return path;
}

}  // namespace mien::testing
