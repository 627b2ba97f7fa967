// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/blazeface.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "mien/base/error.h"
#include "mien/face/finite.h"

namespace mien::detect {
namespace {

constexpr float kMergeIou = 0.3f;

/// One level of the grid: cells of `stride` pixels with `repeats` anchors in the middle of each.
void add_level(BlazeFaceLayout& layout, int stride, int repeats) {
  const int cells = layout.input_side / stride;
  for (int y = 0; y < cells; ++y)
    for (int x = 0; x < cells; ++x)
      for (int i = 0; i < repeats; ++i)
        layout.anchors.push_back({(static_cast<float>(x) + 0.5f) * static_cast<float>(stride),
                                  (static_cast<float>(y) + 0.5f) * static_cast<float>(stride)});
}

face::Detection decode_one(face::Point anchor, std::span<const float> v, float score) {
  auto point = [&](std::size_t i) { return face::Point{anchor.x + v[4 + 2 * i], anchor.y + v[5 + 2 * i]}; };
  const face::Point centre{anchor.x + v[0], anchor.y + v[1]}, mouth = point(3);
  return {{centre.x - v[2] / 2, centre.y - v[3] / 2, v[2], v[3]},
          score,
          face::Landmarks{point(0), point(1), point(2), mouth, mouth}};
}

/// The values of a detection as one list, so that averaging is one loop.
std::array<float, 14> values_of(const face::Detection& d) {
  std::array<float, 14> v{d.box.x, d.box.y, d.box.width, d.box.height};
  const auto points = d.landmarks->points();
  for (std::size_t i = 0; i < points.size(); ++i) v[4 + 2 * i] = points[i].x, v[5 + 2 * i] = points[i].y;
  return v;
}

face::Detection from_values(const std::array<float, 14>& v, float score) {
  auto point = [&](std::size_t i) { return face::Point{v[4 + 2 * i], v[5 + 2 * i]}; };
  return {{v[0], v[1], v[2], v[3]}, score, face::Landmarks{point(0), point(1), point(2), point(3), point(4)}};
}

face::Detection weighted_mean(const std::vector<face::Detection>& cluster) {
  std::array<float, 14> mean{};
  float total = 0;
  for (const auto& d : cluster) total += d.score;
  for (const auto& d : cluster) {
    const auto v = values_of(d);
    for (std::size_t i = 0; i < v.size(); ++i) mean[i] += v[i] * d.score / total;
  }
  return from_values(mean, cluster.front().score);
}

std::vector<face::Detection> merge_overlaps(std::vector<face::Detection> rest) {
  std::stable_sort(rest.begin(), rest.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  std::vector<face::Detection> merged;
  while (!rest.empty()) {
    std::vector<face::Detection> cluster{rest.front()}, others;
    for (std::size_t i = 1; i < rest.size(); ++i)
      (iou(rest[i].box, rest.front().box) > kMergeIou ? cluster : others).push_back(rest[i]);
    merged.push_back(weighted_mean(cluster));
    rest = std::move(others);
  }
  return merged;
}

}  // namespace

BlazeFaceLayout blazeface_layout(BlazeFaceRange range) {
  BlazeFaceLayout layout;
  if (range == BlazeFaceRange::short_range) {
    layout.input_side = 128;
    add_level(layout, 8, 2);
    add_level(layout, 16, 6);
  } else {
    layout.input_side = 192;
    add_level(layout, 4, 1);
  }
  return layout;
}

std::vector<face::Detection> decode_blazeface(const BlazeFaceLayout& layout, std::span<const float> regressors,
                                              std::span<const float> scores, float min_score) {
  const std::size_t n = layout.anchors.size();
  check_input(scores.size() == n && regressors.size() == n * kBlazeFaceValues,
              "BlazeFace's outputs do not match its anchors.");
  std::vector<face::Detection> found;
  for (std::size_t i = 0; i < n; ++i) {
    const float score = 1 / (1 + std::exp(-std::clamp(scores[i], -80.0f, 80.0f)));
    const auto v = regressors.subspan(i * kBlazeFaceValues, kBlazeFaceValues);
    if (score >= min_score && v[2] > 0 && v[3] > 0) found.push_back(decode_one(layout.anchors[i], v, score));
  }
  std::erase_if(found, [](const auto& d) { return !is_finite(d); });
  return merge_overlaps(std::move(found));
}

}  // namespace mien::detect
