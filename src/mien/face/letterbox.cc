// SPDX-License-Identifier: Apache-2.0
#include "mien/face/letterbox.h"

#include <algorithm>
#include <cmath>

namespace mien::face {
namespace {

double scale_of(const Letterbox& l) {
  return std::min(static_cast<double>(l.input_width) / l.picture_width,
                  static_cast<double>(l.input_height) / l.picture_height);
}

/// One axis of the inverse map.
struct Axis {
  double first = 0;  ///< start of the picture, input pixels
  double scale = 1;  ///< picture pixels per input pixel
};

Axis back(int picture, int input, double scale) {
  const double shown = std::max(1.0, std::nearbyint(picture * scale));
  return {(input - shown) / 2, picture / shown};
}

}  // namespace

Letterbox::Place Letterbox::place() const {
  const double scale = scale_of(*this);
  Place p;
  p.width = std::clamp(static_cast<int>(picture_width * scale), 1, input_width);
  p.height = std::clamp(static_cast<int>(picture_height * scale), 1, input_height);
  p.left = (input_width - p.width) / 2;
  p.top = (input_height - p.height) / 2;
  return p;
}

Point Letterbox::to_input(Point point) const {
  const Place p = place();
  return {point.x * static_cast<float>(p.width) / static_cast<float>(picture_width) + static_cast<float>(p.left),
          point.y * static_cast<float>(p.height) / static_cast<float>(picture_height) + static_cast<float>(p.top)};
}

Box Letterbox::to_input(const Box& box) const {
  const Point first = to_input(Point{box.x, box.y}), last = to_input(Point{box.x + box.width, box.y + box.height});
  return {first.x, first.y, last.x - first.x, last.y - first.y};
}

Box Letterbox::to_picture(const Box& box) const {
  const double scale = scale_of(*this);
  const Axis x = back(picture_width, input_width, scale), y = back(picture_height, input_height, scale);
  return {static_cast<float>((box.x - x.first) * x.scale), static_cast<float>((box.y - y.first) * y.scale),
          static_cast<float>(box.width * x.scale), static_cast<float>(box.height * y.scale)};
}

}  // namespace mien::face
