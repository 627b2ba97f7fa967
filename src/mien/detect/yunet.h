// SPDX-License-Identifier: Apache-2.0
// YuNet (Wu, Peng and Yu 2023, Machine Intelligence Research 20:656-665): decoding of its three levels.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "mien/face/prediction.h"

namespace mien::detect {

inline constexpr std::array<int, 3> kYunetStrides = {8, 16, 32};  ///< input pixels per cell, one level each

/// The outputs of one level: height / stride × width / stride cells, row-major.
struct YunetLevel {
  std::span<const float> face;     ///< 1 per cell: probability that a face is there, 0..1
  std::span<const float> overlap;  ///< 1: expected overlap of the box with the face, 0..1
  std::span<const float> box;  ///< 4: x and y of the centre from the cell's corner, log of width and height, in cells
  std::span<const float> landmarks;  ///< 10: x, y of five points from the cell's corner, in cells
};

/// Faces of at least `min_score` (the geometric mean of both probabilities) in input pixels, best first, without
/// overlaps (IoU > 0.3). Throws bad_input if an output does not fit an input of `width` × `height`.
std::vector<face::Detection> decode_yunet(const std::array<YunetLevel, 3>& levels, int width, int height,
                                          float min_score);

}  // namespace mien::detect
