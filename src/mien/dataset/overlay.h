// SPDX-License-Identifier: Apache-2.0
// Anti-aliased shapes over a small picture: drawn enlarged, reduced by area, then blended.
#pragma once

#include <cstdint>
#include <opencv2/core/mat.hpp>
#include <span>
#include <vector>

#include "mien/face/geometry.h"
#include "mien/pack/pack.h"

namespace mien::dataset {

/// Red, green, blue and opacity, each 0..1 and the colours already multiplied by the opacity; H × W × 4, 32-bit float.
class Overlay {
 public:
  /// For a picture of this size, pixels. Small pictures are drawn at least 192 pixels wide and high.
  Overlay(int width, int height);

  int scale() const { return scale_; }  ///< pixels of the drawing per pixel of the picture
  face::Point enlarged(face::Point p) const;
  /// A convex polygon in pixels of the picture, in one grey level of 0..1.
  void fill(const std::vector<face::Point>& corners, float grey);
  /// Draws a picture of the overlay's own form: its pixel (x, y) goes to target_from_shape (2 × 3, pixels of the
  /// drawing).
  void place(const cv::Mat& shape, const cv::Matx23d& target_from_shape);
  /// Blends the drawing into height × width × channels bytes; bytes without drawing do not change.
  void blend_into(std::span<std::uint8_t> pixels, int channels) const;

 private:
  int width_, height_, scale_;
  cv::Mat drawing_;
};

}  // namespace mien::dataset
