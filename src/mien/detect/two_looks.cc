// SPDX-License-Identifier: Apache-2.0
#include "mien/detect/two_looks.h"

#include <algorithm>
#include <cmath>

namespace mien::detect {
namespace {

constexpr float kSameIou = 0.5f;    // between two looks
constexpr float kPartShare = 0.6f;  // of a part's area inside the whole face
constexpr float kLarge = 0.45f;     // faces with a larger share of the picture may be seen in parts

/// Intersection over the smaller area, 0..1.
float overlap_of_smaller(const face::Box& a, const face::Box& b) {
  const float width = std::min(a.x + a.width, b.x + b.width) - std::max(a.x, b.x);
  const float height = std::min(a.y + a.height, b.y + b.height) - std::max(a.y, b.y);
  const float smaller = std::min(a.area(), b.area());
  return width > 0 && height > 0 && smaller > 0 ? width * height / smaller : 0;
}

bool has_match(const std::vector<face::Detection>& faces, const face::Box& box, float min_iou) {
  return std::any_of(faces.begin(), faces.end(), [&](const auto& f) { return face::iou(f.box, box) > min_iou; });
}

struct Seen {
  face::Detection face;
  bool is_new = false;  ///< seen only by the second look
};

}  // namespace

std::vector<face::Detection> merge_looks(const std::vector<face::Detection>& first,
                                         const std::vector<face::Detection>& second) {
  std::vector<Seen> all;
  for (const auto& f : first) all.push_back({f, false});
  for (const auto& f : second)
    if (!has_match(first, f.box, kSameIou)) all.push_back({f, true});
  std::stable_sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.face.score > b.face.score; });
  std::vector<Seen> kept;
  for (const Seen& candidate : all) {
    const bool is_known = std::any_of(kept.begin(), kept.end(), [&](const Seen& k) {
      if (face::iou(k.face.box, candidate.face.box) > face::kMaxIouOfFaces) return true;
      if (k.is_new == candidate.is_new) return false;
      // A separate face in front of a larger one is seen by the second look too.
      const face::Box& part = k.is_new ? candidate.face.box : k.face.box;
      return overlap_of_smaller(k.face.box, candidate.face.box) > kPartShare &&
             !has_match(second, part, face::kMaxIouOfFaces);
    });
    if (!is_known) kept.push_back(candidate);
  }
  std::vector<face::Detection> out;
  for (Seen& seen : kept) out.push_back(std::move(seen.face));
  return out;
}

double side_of_look(const image::Image& image, const LookSides& sides) {
  const int stored = std::max(image.cols, image.rows);
  const int wanted = std::max(stored / 2, std::min(stored, sides.full));
  return std::clamp(wanted, std::min(sides.smallest, sides.largest), sides.largest);
}

float TwoLookDetector::smallest_face_px(const image::Image& image) const {
  return static_cast<float>(smallest_face_ * std::max(image.cols, image.rows) / side_of_look(image, sides_));
}

std::vector<face::Detection> TwoLookDetector::detect(const image::Image& image) {
  const double side = side_of_look(image, sides_);
  const auto found = first_look(image, side);
  const bool has_large = std::any_of(found.begin(), found.end(), [&](const face::Detection& d) {
    return d.box.width > kLarge * static_cast<float>(image.cols) ||
           d.box.height > kLarge * static_cast<float>(image.rows);
  });
  return found.empty() || has_large ? merge_looks(found, second_look(image, side)) : found;
}

cv::Size input_size(const image::Image& image, double longer_side) {
  const double scale = longer_side / std::max(image.cols, image.rows);
  const auto rounded_up = [scale](int length) {
    constexpr int stride = 32;
    return std::max(stride, (static_cast<int>(std::ceil(length * scale)) + stride - 1) / stride * stride);
  };
  return {rounded_up(image.cols), rounded_up(image.rows)};
}

}  // namespace mien::detect
