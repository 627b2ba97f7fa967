// SPDX-License-Identifier: Apache-2.0
// Two small packs of 16×16 grey pictures: bars with labels, and faces without labels but with every field.
#pragma once

#include <filesystem>

#include "mien/base/random.h"
#include "mien/pack/pack.h"

namespace mien::testing {

constexpr int kStageSide = 16;

inline std::vector<std::uint8_t> bar(int row, Random& random) {
  std::vector<std::uint8_t> pixels(kStageSide * kStageSide);
  for (std::size_t p = 0; p < pixels.size(); ++p)
    pixels[p] = static_cast<std::uint8_t>((static_cast<int>(p) / kStageSide / 2 == row ? 160 : 40) + random.below(60));
  return pixels;
}

inline pack::PackInfo stage_pack_info(const char* data_set) {
  pack::PackInfo info;
  info.width = info.height = kStageSide;
  info.classes = face::class_set(8);
  info.data_set = data_set;
  info.label_rule = "single";
  return info;
}

/// 20 training, 8 validation and 8 test pictures of eight classes.
inline std::filesystem::path write_bars(const std::filesystem::path& path) {
  pack::PackWriter writer(path, stage_pack_info("bars"));
  Random random(11);
  for (int i = 0; i < 36; ++i) {
    pack::Sample s;
    s.split = i < 20 ? pack::Split::train : i < 28 ? pack::Split::valid : pack::Split::test;
    s.label = i % 8;
    s.distribution[static_cast<std::size_t>(s.label)] = 1;
    s.source = "bar-" + std::to_string(i) + ".png";
    writer.add(s, bar(s.label, random));
  }
  writer.commit();
  return path;
}

/// 14 training and 7 validation pictures. Some have no box, no known boxes, no pose; `with_fields` false: only
/// pixels.
inline std::filesystem::path write_faces(const std::filesystem::path& path, bool with_fields = true,
                                         std::uint64_t seed = 12) {
  pack::PackWriter writer(path, stage_pack_info("faces"));
  Random random(seed);
  for (int i = 0; i < 21; ++i) {
    pack::Sample s;
    s.split = i < 14 ? pack::Split::train : pack::Split::valid;
    s.source = "face-" + std::to_string(i) + ".png";
    if (with_fields) {
      for (int k = 0; k < 68; ++k)
        s.landmarks.push_back({static_cast<float>(16 * random.uniform()), static_cast<float>(16 * random.uniform())});
      if (i % 5 != 4) s.yaw = pack::Angle{static_cast<float>(i % 3 - 1) * 60, pack::Origin::data_set};
      if (i % 4 != 3) s.boxes.emplace();
      if (s.boxes && i % 3 != 2) s.boxes->push_back({{1, 2, static_cast<float>(4 + i % 7), 6}, i % 8});
    }
    writer.add(s, bar(i % 8, random));
  }
  writer.commit();
  return path;
}

}  // namespace mien::testing
