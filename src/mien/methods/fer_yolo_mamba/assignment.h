// SPDX-License-Identifier: Apache-2.0
// SimOTA (card 3): assigns faces to cells by the current predictions.
#pragma once

#include "mien/methods/fer_yolo_mamba/decode.h"

namespace mien::methods::fer_yolo_mamba {

/// F cells of one picture that learn a face, in ascending order of the cell.
struct Assignment {
  at::Tensor anchors;          ///< (F) int64 cell
  at::Tensor gts;              ///< (F) int64 face
  at::Tensor ious;             ///< (F) overlap of the cell's current box with the face
  at::Tensor dynamic_k;        ///< (G) int64, cells that each face requested; empty if no cell was a candidate
  std::int64_t unmatched = 0;  ///< faces without a cell
};

/// boxes (A,4) decoded; objectness (A) and classes (A,K) as logits; faces (G,5): centre x and y, width, height, class
/// in pixels of the network's input. No gradient flows.
Assignment assign(const at::Tensor& boxes, const at::Tensor& objectness, const at::Tensor& classes, const Cells& cells,
                  const at::Tensor& faces);

/// The cost of each face and candidate (G,A): class cost + 3 (-ln(IoU + 1e-8)) + 100000 if the cell's centre is not
/// both in the box and near its centre. `inside` (G,A) bool says whether it is.
at::Tensor assignment_cost(const at::Tensor& ious, const at::Tensor& objectness, const at::Tensor& classes,
                           const at::Tensor& labels, const at::Tensor& inside);

/// IoU of all pairs of boxes (G,4) and (A,4), centre and size: (G,A); 0 if both are empty.
at::Tensor pairwise_iou(const at::Tensor& a, const at::Tensor& b);

}  // namespace mien::methods::fer_yolo_mamba
