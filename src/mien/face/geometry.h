// SPDX-License-Identifier: Apache-2.0
// Points, boxes and similarity maps. Pixel coordinates: x right, y down, the centre of the first pixel is (0.5, 0.5).
#pragma once

#include <array>
#include <span>
#include <vector>

namespace mien::face {

struct Point {
  float x = 0, y = 0;
  bool operator==(const Point&) const = default;
};

struct Box {
  float x = 0, y = 0, width = 0, height = 0;  ///< top left corner and size, pixels
  float area() const { return width * height; }
  Point centre() const { return {x + width / 2, y + height / 2}; }
  bool operator==(const Box&) const = default;
};

/// Intersection over union, 0..1.
float iou(const Box& a, const Box& b);
/// The part of `box` inside a picture of the given size.
Box clip(const Box& box, float image_width, float image_height);

/// Five landmarks in picture pixels; "left" and "right" as the viewer sees them.
struct Landmarks {
  Point left_eye, right_eye, nose, left_mouth, right_mouth;
  std::array<Point, 5> points() const { return {left_eye, right_eye, nose, left_mouth, right_mouth}; }
};

/// x' = a x - b y + tx, y' = b x + a y + ty: rotation, uniform scale, shift. Named target_from_source.
struct Similarity {
  float a = 1, b = 0, tx = 0, ty = 0;
  Point apply(Point p) const { return {a * p.x - b * p.y + tx, b * p.x + a * p.y + ty}; }
  Similarity inverse() const;
  float scale() const;         ///< > 0
  float rotation_rad() const;  ///< clockwise on the screen (y is down)
};

/// Least squares over point pairs (Umeyama 1991 without reflection). Throws bad_input for fewer than two pairs or
/// coinciding source points.
Similarity fit_similarity(std::span<const Point> source, std::span<const Point> target);

}  // namespace mien::face
