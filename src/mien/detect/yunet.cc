// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/yunet.h"

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"
#include "mien/face/finite.h"

namespace mien::detect {
namespace {

/// Rounding may move the network's probabilities slightly outside 0..1.
float score_of(const YunetLevel& level, std::size_t cell) {
  return std::sqrt(std::clamp(level.face[cell], 0.0f, 1.0f) * std::clamp(level.overlap[cell], 0.0f, 1.0f));
}

face::Detection decode_cell(const YunetLevel& level, std::size_t cell, int columns, int stride) {
  const auto cells = static_cast<std::size_t>(columns);
  const auto x = static_cast<float>(cell % cells), y = static_cast<float>(cell / cells);
  const auto size = static_cast<float>(stride);
  const auto box = level.box.subspan(4 * cell, 4), points = level.landmarks.subspan(10 * cell, 10);
  const float width = std::exp(box[2]) * size, height = std::exp(box[3]) * size;
  const float left = (x + box[0]) * size - width / 2, top = (y + box[1]) * size - height / 2;
  std::array<face::Point, 5> p;
  for (std::size_t i = 0; i < p.size(); ++i) p[i] = {(x + points[2 * i]) * size, (y + points[2 * i + 1]) * size};
  return {{left, top, width, height}, score_of(level, cell), face::Landmarks{p[0], p[1], p[2], p[3], p[4]}};
}

}  // namespace

std::vector<face::Detection> decode_yunet(const std::array<YunetLevel, 3>& levels, int width, int height,
                                          float min_score) {
  std::vector<face::Detection> found;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const YunetLevel& level = levels[i];
    const int columns = width / kYunetStrides[i], rows = height / kYunetStrides[i];
    const std::size_t cells =
        static_cast<std::size_t>(std::max(0, columns)) * static_cast<std::size_t>(std::max(0, rows));
    check_input(cells > 0 && level.face.size() == cells && level.overlap.size() == cells &&
                    level.box.size() == 4 * cells && level.landmarks.size() == 10 * cells,
                "YuNet's outputs do not match its input.");
    for (std::size_t cell = 0; cell < cells; ++cell)
      if (score_of(level, cell) >= min_score) found.push_back(decode_cell(level, cell, columns, kYunetStrides[i]));
  }
  std::erase_if(found, [](const auto& f) { return !is_finite(f); });
  for (auto& f : found) f.box = face::clip(f.box, static_cast<float>(width), static_cast<float>(height));
  return suppress_overlaps(std::move(found), face::kMaxIouOfFaces);
}

}  // namespace mien::detect
