// SPDX-License-Identifier: Apache-2.0
// CenterFace (Xu et al. 2019, arXiv:1911.03599): decoding of its four maps, which are four times coarser than the
// input.
#pragma once

#include <span>
#include <vector>

#include "mien/face/prediction.h"

namespace mien::detect {

inline constexpr int kCenterFaceStride = 4;  ///< input pixels per map cell; width and height are multiples of 32

/// The maps of one picture: height × width cells, row-major, one plane after the other.
struct CenterFaceMaps {
  int width = 0, height = 0;
  std::span<const float> heat;       ///< 1 plane: score 0..1
  std::span<const float> scale;      ///< 2: log of height and width, in cells
  std::span<const float> offset;     ///< 2: y and x of the centre within its cell
  std::span<const float> landmarks;  ///< 10: y, x of five points, as fractions of the box from its top left corner
};

/// Faces of at least `min_score` in input pixels, best first, without overlaps (IoU > 0.3). Throws bad_input if a
/// map has the wrong length.
std::vector<face::Detection> decode_centerface(const CenterFaceMaps& maps, float min_score);

}  // namespace mien::detect
