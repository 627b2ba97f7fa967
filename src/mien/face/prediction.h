// SPDX-License-Identifier: Apache-2.0
// The result of recognition for a face, and its post-processing. Plain code, used by training, evaluation
// and recognition alike.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "mien/face/geometry.h"

namespace mien::face {

/// A detected face, in picture pixels.
struct Detection {
  Box box;
  float score = 0;  ///< 0..1
  std::optional<Landmarks> landmarks;
};

/// For the face detectors: two boxes with a larger overlap are the same face.
inline constexpr float kMaxIouOfFaces = 0.3f;
/// softmax(logits / temperature), computed in double.
std::vector<float> softmax(std::span<const float> logits, double temperature = 1);
/// Index of the largest value; the first of equal ones.
std::size_t arg_max(std::span<const float> values);
/// Indices in descending order of value.
std::vector<std::size_t> ranking(std::span<const float> values);
/// Greedy non-maximum suppression: drops every box that overlaps a better one by more than `max_iou`; result sorted by
/// score.
std::vector<Detection> suppress_overlaps(std::vector<Detection> detections, float max_iou);

}  // namespace mien::face
