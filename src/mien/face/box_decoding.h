// SPDX-License-Identifier: Apache-2.0
// From a detector's raw grids to boxes: YOLOX's anchor-free form (Ge et al. 2021, arXiv 2107.08430; card fer-yolo-mamba
// 3 and 7).
#pragma once

#include <span>
#include <vector>

#include "mien/face/boxes.h"

namespace mien::face {

/// One level's raw output for one picture: (5 + K, h, w), row-major, with the channels x, y, log width, log height,
/// objectness, K class logits.
struct BoxGrid {
  std::span<const float> values;
  int height = 0, width = 0;  ///< cells
};

struct BoxDecoding {
  int input_width = 0, input_height = 0;  ///< pixels of the network's input
  std::size_t num_classes = 0;            ///< K
  float least_score = 0.5f;               ///< boxes below it are left out
  float max_iou = 0.3f;                   ///< see suppress_by_class
  std::size_t most = 100;                 ///< boxes per picture
};
/// For evaluation: keeps nearly all boxes, so that precision is known at every recall.
inline constexpr float kLeastScoreOfJudging = 0.001f, kMaxIouOfJudging = 0.5f;

/// The boxes of all levels in input pixels with their class scores, after class-wise suppression, best first. In cell
/// (gx, gy) with the stride s (input size / cells) the centre is ((gx + x)·s, (gy + y)·s), the size (e^w·s, e^h·s), the
/// class the one with the largest logit, the score σ(objectness)·σ(that logit). Boxes that are not finite are left out.
/// Throws bad_input if a grid does not have (5 + K)·h·w values.
std::vector<ScoredBox> decode_boxes(std::span<const BoxGrid> levels, const BoxDecoding& decoding);

}  // namespace mien::face
