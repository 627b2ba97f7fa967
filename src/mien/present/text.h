// SPDX-License-Identifier: Apache-2.0
// Text on the picture sheet: the typeface Inter, which is inside the program.
#pragma once

#include <opencv2/core/mat.hpp>
#include <string>
#include <string_view>

namespace mien::present {

struct TextStyle {
  double size = 15;  ///< pixels per em
  bool is_bold = false;
  cv::Scalar colour{38, 32, 28};  ///< blue, green, red
};

/// Pixels from the first to the last advance.
double text_width(std::string_view utf8, const TextStyle& style);
/// Draws with the baseline's left end at (x, y); what leaves the picture is cut off. Letters outside the typeface
/// become a box.
void draw_text(cv::Mat& image, double x, double y, std::string_view utf8, const TextStyle& style);
/// The text, or its beginning and end with "…" between, so that it is at most `width` wide.
std::string shortened(std::string_view utf8, const TextStyle& style, double width);

}  // namespace mien::present
