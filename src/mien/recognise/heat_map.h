// SPDX-License-Identifier: Apache-2.0
// A map of few cells, drawn over the face: enlargement in the crop's geometry, and colour.
#pragma once

#include <opencv2/core.hpp>
#include <span>

#include "mien/face/card.h"

namespace mien::recognise {

/// Centres of cells along one side, as fractions of the crop's side: cell i is at first + i × step.
struct CellAxis {
  int count = 1;
  double first = 0.5, step = 1;
  double centre(int i) const { return first + i * step; }
};
/// As the card says for this output; spread evenly (cell i at (i + 0.5) / count) where it does not.
CellAxis cell_axis(const face::OutputSpec& output, int count, int input_px);
CellAxis even_axis(int count);

/// Rows × columns of values → side × side floats, bilinear between the cells' centres; beyond the outermost centres
/// their values continue.
cv::Mat enlarge(std::span<const float> cells, const CellAxis& rows, const CellAxis& columns, int side);
/// The same in another shape.
cv::Mat enlarge(std::span<const float> cells, const CellAxis& rows, const CellAxis& columns, cv::Size size);

/// Meaning of a colour. Values below 0 are cold, values above 0 warm; 0 is grey.
struct Scale {
  double low = 0, high = 1;  ///< values at the ends; signed maps have low = -high
  bool is_signed() const { return low < 0; }
};
/// Signed and symmetric if a value is below 0, otherwise from the smallest to the largest. `least` is the smallest
/// distance between its ends, so that noise does not get the full colour.
Scale scale_of(std::span<const float> values, double least = 0);

/// `view` (B,G,R, 8 bit) in grey, with the values of `field` as colours.
cv::Mat paint(const cv::Mat& view, const cv::Mat& field, const Scale& scale);
/// The scale as a strip, low to high from left to right.
cv::Mat scale_strip(const Scale& scale, int width, int height);

}  // namespace mien::recognise
