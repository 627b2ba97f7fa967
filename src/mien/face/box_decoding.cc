// SPDX-License-Identifier: Apache-2.0
#include "mien/face/box_decoding.h"

#include <fmt/core.h>

#include <cmath>

#include "mien/base/error.h"

namespace mien::face {
namespace {

constexpr std::size_t kBoxChannels = 5;  ///< x, y, log width, log height, objectness

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

void decode_level(const BoxGrid& grid, const BoxDecoding& d, std::vector<ScoredBox>& out) {
  const std::size_t cells = static_cast<std::size_t>(grid.height) * static_cast<std::size_t>(grid.width);
  check_input(cells > 0 && grid.values.size() == (kBoxChannels + d.num_classes) * cells,
              fmt::format("A grid of boxes has {} values for {}x{} cells and {} classes.", grid.values.size(),
                          grid.width, grid.height, d.num_classes),
              "Export the model again.");
  const float stride_x = static_cast<float>(d.input_width) / static_cast<float>(grid.width);
  const float stride_y = static_cast<float>(d.input_height) / static_cast<float>(grid.height);
  for (std::size_t cell = 0; cell < cells; ++cell) {
    const auto channel = [&](std::size_t c) { return grid.values[c * cells + cell]; };
    std::size_t best = 0;
    for (std::size_t k = 1; k < d.num_classes; ++k)
      if (channel(kBoxChannels + k) > channel(kBoxChannels + best)) best = k;
    const float score = sigmoid(channel(4)) * sigmoid(channel(kBoxChannels + best));
    const float width = std::exp(channel(2)) * stride_x, height = std::exp(channel(3)) * stride_y;
    const float x = (static_cast<float>(cell % static_cast<std::size_t>(grid.width)) + channel(0)) * stride_x;
    const float y = (static_cast<float>(cell / static_cast<std::size_t>(grid.width)) + channel(1)) * stride_y;
    const bool is_finite = std::isfinite(x) && std::isfinite(y) && std::isfinite(width) && std::isfinite(height);
    if (!is_finite || !(score >= d.least_score)) continue;
    ScoredBox& found = out.emplace_back();
    found.box = {x - width / 2, y - height / 2, width, height};
    found.score = score;
    found.label = static_cast<int>(best);
    found.cell = static_cast<int>(cell);
    for (std::size_t k = 0; k < d.num_classes; ++k) found.class_scores.push_back(sigmoid(channel(kBoxChannels + k)));
  }
}

}  // namespace

std::vector<ScoredBox> decode_boxes(std::span<const BoxGrid> levels, const BoxDecoding& decoding) {
  std::vector<ScoredBox> boxes;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    const std::size_t first = boxes.size();
    decode_level(levels[level], decoding, boxes);
    for (std::size_t i = first; i < boxes.size(); ++i) boxes[i].level = static_cast<int>(level);
  }
  return suppress_by_class(std::move(boxes), decoding.max_iou, decoding.most);
}

}  // namespace mien::face
