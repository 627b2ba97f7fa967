// SPDX-License-Identifier: Apache-2.0
// Boxes with classes: those of a data set and those predicted by a detection model. Plain code, used by packs,
// training, evaluation and recognition alike.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "mien/face/geometry.h"

namespace mien::face {

/// A box of a data set: a face and its expression.
struct LabelledBox {
  Box box;
  int label = 0;  ///< index into the classes of the pack or model
  bool operator==(const LabelledBox&) const = default;
};

enum class BoxDefect {
  none,
  not_finite,
  swapped_corners,  ///< the right or lower side is before the left or upper one
  no_area,
  outside,    ///< shares no point with the picture
  beyond,     ///< extends beyond the picture: clip it
  bad_class,  ///< not one of the classes
};
std::string_view to_string(BoxDefect defect);  ///< "has no area"; "" for none

/// The defect of a box in a picture of this size (pixels) with this number of classes. A box may exceed the
/// picture by 0.01 pixel, which is rounding.
BoxDefect defect_of(const LabelledBox& box, float picture_width, float picture_height, std::size_t num_classes);

/// A box predicted by a model.
struct ScoredBox {
  Box box;
  float score = 0;                       ///< 0..1
  int label = 0;                         ///< index into the classes of the model
  std::vector<float> class_scores = {};  ///< 0..1 each, in the order of the classes; empty: not known
  int level = -1, cell = -1;             ///< grid and its row-major cell that the box is from; -1: not known
};

/// Greedy non-maximum suppression, per class: drops every box that overlaps a better one of its class by
/// more than `max_iou`. The result is sorted by descending score (stable) and holds at most `most` boxes (0: all).
std::vector<ScoredBox> suppress_by_class(std::vector<ScoredBox> boxes, float max_iou, std::size_t most = 0);

}  // namespace mien::face
