// SPDX-License-Identifier: Apache-2.0
#include "mien/face/geometry.h"

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"

namespace mien::face {

float iou(const Box& a, const Box& b) {
  const float width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const float height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  if (width <= 0 || height <= 0) return 0;
  const float common = width * height;
  return common / (a.area() + b.area() - common);
}

Box clip(const Box& box, float image_width, float image_height) {
  const float left = std::clamp(box.x, 0.0f, image_width), top = std::clamp(box.y, 0.0f, image_height);
  const float right = std::clamp(box.x + box.width, left, image_width);
  const float bottom = std::clamp(box.y + box.height, top, image_height);
  return {left, top, right - left, bottom - top};
}

Similarity Similarity::inverse() const {
  const float square = a * a + b * b;
  const float ia = a / square, ib = -b / square;
  return {ia, ib, -(ia * tx - ib * ty), -(ib * tx + ia * ty)};
}

float Similarity::scale() const { return std::hypot(a, b); }
float Similarity::rotation_rad() const { return std::atan2(b, a); }

Similarity fit_similarity(std::span<const Point> source, std::span<const Point> target) {
  check_input(source.size() == target.size() && source.size() >= 2, "Alignment needs at least two point pairs.");
  double sx = 0, sy = 0, tx = 0, ty = 0;
  for (std::size_t i = 0; i < source.size(); ++i) {
    sx += source[i].x, sy += source[i].y, tx += target[i].x, ty += target[i].y;
  }
  const double n = static_cast<double>(source.size());
  sx /= n, sy /= n, tx /= n, ty /= n;
  double dot = 0, cross = 0, square = 0;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const double x = source[i].x - sx, y = source[i].y - sy, u = target[i].x - tx, v = target[i].y - ty;
    dot += x * u + y * v;
    cross += x * v - y * u;
    square += x * x + y * y;
  }
  check_input(square > 1e-9, "Alignment landmarks coincide.");
  const double a = dot / square, b = cross / square;
  return {static_cast<float>(a), static_cast<float>(b), static_cast<float>(tx - a * sx + b * sy),
          static_cast<float>(ty - b * sx - a * sy)};
}

}  // namespace mien::face
