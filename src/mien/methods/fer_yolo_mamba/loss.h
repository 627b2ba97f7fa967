// SPDX-License-Identifier: Apache-2.0
// The detection losses (card 3): overlap of the boxes, objectness of every cell and classes, after SimOTA.
#pragma once

#include <vector>

#include "mien/methods/fer_yolo_mamba/assignment.h"

namespace mien::methods::fer_yolo_mamba {

struct DetectionLoss {
  at::Tensor box;                       ///< 5 Σ (1 - IoU²) / cells that learn a face
  at::Tensor objectness;                ///< Σ over all cells / cells that learn a face
  at::Tensor classes;                   ///< Σ against one-hot · IoU / cells that learn a face
  std::int64_t num_cells = 0;           ///< cells that learn a face, over the batch
  std::int64_t unmatched = 0;           ///< faces without a cell
  std::vector<Assignment> assignments;  ///< one per picture
};

/// heads (B,5+K,h,w) per level, float32; faces: one (n,5) per picture: centre x and y, width, height, class in pixels
/// of the network's input; n may be 0. `strides` of the levels (strides_of()). NaN for predictions that are not finite.
DetectionLoss detection_loss(const Levels& heads, const std::vector<at::Tensor>& faces,
                             const std::vector<double>& strides);

/// Σ (1 - IoU²) of pairs of boxes (F,4), centre and size, with gradient.
at::Tensor box_loss(const at::Tensor& predicted, const at::Tensor& faces);

}  // namespace mien::methods::fer_yolo_mamba
