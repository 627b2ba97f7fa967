// SPDX-License-Identifier: Apache-2.0
#include "mien/face/boxes.h"

#include <algorithm>
#include <cmath>

namespace mien::face {

std::string_view to_string(BoxDefect defect) {
  switch (defect) {
    case BoxDefect::none:
      return "";
    case BoxDefect::not_finite:
      return "is not finite";
    case BoxDefect::swapped_corners:
      return "has swapped corners";
    case BoxDefect::no_area:
      return "has no area";
    case BoxDefect::outside:
      return "is outside the picture";
    case BoxDefect::beyond:
      return "extends beyond the picture";
    case BoxDefect::bad_class:
      return "has an unknown class";
  }
  return "";
}

BoxDefect defect_of(const LabelledBox& labelled, float picture_width, float picture_height, std::size_t num_classes) {
  constexpr float kRounding = 0.01f;
  const Box& b = labelled.box;
  if (!std::isfinite(b.x) || !std::isfinite(b.y) || !std::isfinite(b.width) || !std::isfinite(b.height))
    return BoxDefect::not_finite;
  if (b.width < 0 || b.height < 0) return BoxDefect::swapped_corners;
  if (b.width == 0 || b.height == 0) return BoxDefect::no_area;
  const float right = b.x + b.width, bottom = b.y + b.height;
  if (b.x >= picture_width || b.y >= picture_height || right <= 0 || bottom <= 0) return BoxDefect::outside;
  const bool is_inside = b.x >= -kRounding && b.y >= -kRounding && right <= picture_width + kRounding &&
                         bottom <= picture_height + kRounding;
  if (!is_inside) return BoxDefect::beyond;
  const bool is_known = labelled.label >= 0 && static_cast<std::size_t>(labelled.label) < num_classes;
  return is_known ? BoxDefect::none : BoxDefect::bad_class;
}

std::vector<ScoredBox> suppress_by_class(std::vector<ScoredBox> boxes, float max_iou, std::size_t most) {
  std::stable_sort(boxes.begin(), boxes.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
  std::vector<ScoredBox> kept;
  for (const ScoredBox& candidate : boxes) {
    if (most > 0 && kept.size() == most) break;
    const bool is_repeated = std::any_of(kept.begin(), kept.end(), [&](const ScoredBox& k) {
      return k.label == candidate.label && iou(k.box, candidate.box) > max_iou;
    });
    if (!is_repeated) kept.push_back(candidate);
  }
  return kept;
}

}  // namespace mien::face
