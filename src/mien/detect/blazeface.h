// SPDX-License-Identifier: Apache-2.0
// BlazeFace (Bazarevsky et al. 2019, arXiv:1907.05047) as published by MediaPipe: anchors and decoding. Boxes are
// square and reach from the brows to the chin; six key points, of which eyes, nose tip and mouth centre are kept.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "mien/face/prediction.h"

namespace mien::detect {

enum class BlazeFaceRange { short_range, full_range };

struct BlazeFaceLayout {
  int input_side = 128;              ///< pixels of the square input, letterboxed; values -1..1, red-green-blue
  std::vector<face::Point> anchors;  ///< centres in input pixels
};
/// Short range: 128 px, 16 × 16 cells with two anchors and 8 × 8 with six (896). Full range: 192 px, 48 × 48 (2304).
BlazeFaceLayout blazeface_layout(BlazeFaceRange range);

inline constexpr std::size_t kBlazeFaceValues = 16;  ///< per anchor: x, y, width, height, six points

/// regressors: N × 16 in input pixels relative to the anchor; scores: N, before the logistic function. Returns faces of
/// at least `min_score` in input pixels, best first, overlapping ones (IoU > 0.3) merged: positions averaged with their
/// scores as weights, the best score kept (MediaPipe's weighted suppression). Both mouth corners are the mouth centre.
/// Throws bad_input if the lengths do not fit the layout.
std::vector<face::Detection> decode_blazeface(const BlazeFaceLayout& layout, std::span<const float> regressors,
                                              std::span<const float> scores, float min_score);

}  // namespace mien::detect
