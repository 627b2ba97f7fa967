// SPDX-License-Identifier: Apache-2.0
#include "mien/face/prediction.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace mien::face {

std::vector<float> softmax(std::span<const float> logits, double temperature) {
  std::vector<float> out(logits.size());
  if (logits.empty()) return out;
  const double top = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (float v : logits) sum += std::exp((v - top) / temperature);
  for (std::size_t i = 0; i < out.size(); ++i)
    out[i] = static_cast<float>(std::exp((logits[i] - top) / temperature) / sum);
  return out;
}

std::size_t arg_max(std::span<const float> values) {
  return static_cast<std::size_t>(std::max_element(values.begin(), values.end()) - values.begin());
}

std::vector<std::size_t> ranking(std::span<const float> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return values[a] > values[b]; });
  return order;
}

std::vector<Detection> suppress_overlaps(std::vector<Detection> detections, float max_iou) {
  std::stable_sort(detections.begin(), detections.end(),
                   [](const auto& a, const auto& b) { return a.score > b.score; });
  std::vector<Detection> kept;
  for (const auto& candidate : detections)
    if (std::none_of(kept.begin(), kept.end(), [&](const auto& k) { return iou(k.box, candidate.box) > max_iou; }))
      kept.push_back(candidate);
  return kept;
}

}  // namespace mien::face
