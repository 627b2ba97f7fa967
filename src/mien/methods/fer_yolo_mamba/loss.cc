// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fer_yolo_mamba/loss.h"

#include <cmath>

namespace mien::methods::fer_yolo_mamba {
namespace {

constexpr double kBoxWeight = 5;

at::Tensor nothing_of(const at::Tensor& like) { return at::zeros({}, like.options()); }

}  // namespace

at::Tensor box_loss(const at::Tensor& predicted, const at::Tensor& faces) {
  const at::Tensor half = predicted.narrow(1, 2, 2) * 0.5, face_half = faces.narrow(1, 2, 2) * 0.5;
  const at::Tensor low = at::maximum(predicted.narrow(1, 0, 2) - half, faces.narrow(1, 0, 2) - face_half);
  const at::Tensor high = at::minimum(predicted.narrow(1, 0, 2) + half, faces.narrow(1, 0, 2) + face_half);
  const at::Tensor common = (high - low).prod(1) * (low < high).all(1);
  const at::Tensor all = predicted.narrow(1, 2, 2).prod(1) + faces.narrow(1, 2, 2).prod(1) - common;
  return (1 - (common / (all + 1e-16)).square()).sum();
}

DetectionLoss detection_loss(const Levels& heads, const std::vector<at::Tensor>& faces,
                             const std::vector<double>& strides) {
  const Cells cells = cells_of(heads, strides);
  const at::Tensor rows = flatten(heads);
  const at::Tensor boxes = decode_boxes(rows.narrow(-1, 0, 4), cells);
  const at::Tensor objectness = rows.select(-1, 4), classes = rows.narrow(-1, 5, rows.size(-1) - 5);
  // Faces cannot be assigned to predictions that are not finite. The losses are not finite either, which ends the run
  // with the names of the pictures.
  if (!(at::isfinite(rows).all() & at::isfinite(boxes).all()).item<bool>()) {
    const at::Tensor none = rows.sum() * std::nan("");
    return {none, none, none, 0, 0, {}};
  }
  at::Tensor learns = at::zeros_like(objectness);
  DetectionLoss out{nothing_of(rows), nothing_of(rows), nothing_of(rows), 0, 0, {}};
  for (std::int64_t i = 0; i < rows.size(0); ++i) {
    const at::Tensor& here = faces[static_cast<std::size_t>(i)];
    const Assignment a = assign(boxes[i], objectness[i], classes[i], cells, here);
    out.unmatched += a.unmatched;
    out.num_cells += a.anchors.size(0);
    if (a.anchors.size(0) > 0) {
      learns[i].index_fill_(0, a.anchors, 1);
      const at::Tensor matched = here.index_select(0, a.gts);
      out.box = out.box + box_loss(boxes[i].index_select(0, a.anchors), matched.narrow(1, 0, 4));
      const at::Tensor target =
          at::one_hot(matched.select(1, 4).to(at::kLong), classes.size(-1)).to(rows.scalar_type()) *
          a.ious.unsqueeze(1);
      out.classes = out.classes + at::binary_cross_entropy_with_logits(classes[i].index_select(0, a.anchors), target,
                                                                       {}, {}, at::Reduction::Sum);
    }
    out.assignments.push_back(a);
  }
  const auto count = static_cast<double>(std::max<std::int64_t>(out.num_cells, 1));
  out.box = kBoxWeight * out.box / count;
  out.objectness = at::binary_cross_entropy_with_logits(objectness, learns, {}, {}, at::Reduction::Sum) / count;
  out.classes = out.classes / count;
  return out;
}

}  // namespace mien::methods::fer_yolo_mamba
