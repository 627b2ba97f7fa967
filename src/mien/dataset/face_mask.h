// SPDX-License-Identifier: Apache-2.0
// A white surgical mask with ear loops, drawn over the lower half of a face by its landmarks. Source: SCAN-CCI card,
// section 5, steps 1 to 6.
#pragma once

#include <span>

#include "mien/dataset/overlay.h"

namespace mien::dataset {

/// Position of the mask, in pixels of the drawing.
struct MaskPlace {
  int height = 1;           ///< from the bridge of the nose to the chin
  int left = 1, right = 1;  ///< widths of the two halves, on both sides of the seam
  face::Point seam;         ///< middle of the seam, whole pixels
  double roll_degrees = 0;  ///< clockwise on the screen; 0: upright
};

/// `points`: the 68 landmarks in pixels of the drawing. `roll`: whether the mask turns with the head.
MaskPlace mask_place(std::span<const face::Point> points, bool roll);

void draw_face_mask(Overlay& overlay, const MaskPlace& place);

}  // namespace mien::dataset
