// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/occlusion.h"

#include <algorithm>
#include <cmath>

#include "mien/face/prediction.h"

namespace mien::recognise {
namespace {

constexpr std::size_t kOcclusionBatch = 24;

}  // namespace

cv::Rect covered_square(int cell_x, int cell_y, int side) {
  const double cell = static_cast<double>(side) / kOcclusionCells, half = side * kOcclusionSquare / 2;
  const auto edge = [&](int i, double shift) { return static_cast<int>(std::lround((i + 0.5) * cell + shift)); };
  return cv::Rect(cv::Point(edge(cell_x, -half), edge(cell_y, -half)),
                  cv::Point(edge(cell_x, half), edge(cell_y, half)));
}

cv::Scalar neutral_grey(const face::InputSpec& spec) {
  cv::Scalar value;
  for (int c = 0; c < spec.channels; ++c) value[c] = std::round(255 * spec.mean[static_cast<std::size_t>(c)]);
  return value;
}

double log_odds(double p) {
  const double inside = std::clamp(p, 1e-6, 1 - 1e-6);
  return std::log(inside / (1 - inside));
}

OcclusionMap occlusion_map(runtime::ExpressionSession& session, const face::ModelCard& card, const cv::Mat& crop,
                           std::size_t target, bool flip) {
  const std::size_t num_cells = static_cast<std::size_t>(kOcclusionCells) * kOcclusionCells;
  const std::size_t classes = card.classes.size(), bytes = crop.total() * crop.elemSize();
  OcclusionMap map{target, std::vector<float>(num_cells), 0, 0};
  // Picture 0 is the crop itself, so that all come from runs of the same kind.
  std::vector<float> probabilities;
  for (std::size_t first = 0; first <= num_cells; first += kOcclusionBatch) {
    const std::size_t count = std::min(kOcclusionBatch, num_cells + 1 - first);
    std::vector<std::uint8_t> batch(count * bytes);
    for (std::size_t i = 0; i < count; ++i) {
      cv::Mat covered(crop.rows, crop.cols, crop.type(), batch.data() + i * bytes);
      crop.copyTo(covered);
      if (first + i == 0) continue;
      const int cell = static_cast<int>(first + i) - 1;
      const cv::Rect square = covered_square(cell % kOcclusionCells, cell / kOcclusionCells, crop.cols);
      covered(square & cv::Rect(0, 0, crop.cols, crop.rows)).setTo(neutral_grey(card.input));
    }
    const auto logits = session.logits(batch, count, crop.cols, flip);
    for (std::size_t i = 0; i < count; ++i)
      probabilities.push_back(face::softmax(std::span(logits).subspan(i * classes, classes), card.temperature)[target]);
  }
  map.probability = probabilities[0];
  map.least = *std::min_element(probabilities.begin() + 1, probabilities.end());
  for (std::size_t i = 0; i < num_cells; ++i)
    map.values[i] = static_cast<float>(log_odds(probabilities[0]) - log_odds(probabilities[i + 1]));
  return map;
}

}  // namespace mien::recognise
