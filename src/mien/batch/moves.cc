// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/moves.h"

#include "mien/face/points68.h"

namespace mien::batch {
namespace {

at::Tensor bottom_row(std::int64_t n) { return at::tensor({0.0f, 0.0f, 1.0f}).expand({n, 1, 3}); }

at::Tensor matrix_of(const at::Tensor& xx, const at::Tensor& xy, const at::Tensor& x, const at::Tensor& yx,
                     const at::Tensor& yy, const at::Tensor& y) {
  return at::stack({at::stack({xx, xy, x}, 1), at::stack({yx, yy, y}, 1)}, 1);
}

/// (L) int64: which landmark takes the place of each in a mirrored picture.
at::Tensor mirrored_order() {
  const auto& table = face::mirrored_points68();
  return at::tensor(std::vector<std::int64_t>(table.begin(), table.end()), at::kLong);
}

void move_boxes(at::Tensor& boxes, const at::Tensor& matrix, double least_side) {
  if (boxes.size(0) == 0) return;
  const at::Tensor left = boxes.select(1, 0), top = boxes.select(1, 1);
  const at::Tensor right = left + boxes.select(1, 2), bottom = top + boxes.select(1, 3);
  // (n,4,2): the corners.
  const at::Tensor corners =
      at::stack({at::stack({left, right, right, left}, 1), at::stack({top, top, bottom, bottom}, 1)}, 2);
  const at::Tensor moved = at::matmul(corners, matrix.slice(1, 0, 2).t()) + matrix.select(1, 2);
  const at::Tensor first = std::get<0>(moved.min(1)).clamp(0, 1), last = std::get<0>(moved.max(1)).clamp(0, 1);
  const at::Tensor size = last - first;
  const at::Tensor kept = (size >= least_side).all(1).nonzero().flatten();
  boxes = at::cat({first, size, boxes.slice(1, 4, 5)}, 1).index_select(0, kept);
}

}  // namespace

Moves Moves::none(std::int64_t n) {
  return {at::tensor({1.0f, 0.0f, 0.0f, 0.0f, 1.0f, 0.0f}).view({1, 2, 3}).repeat({n, 1, 1}),
          at::zeros({n}, at::kBool)};
}

Moves Moves::mirror(const at::Tensor& flip) {
  const at::Tensor on = flip.to(at::kFloat), zero = at::zeros_like(on), one = at::ones_like(on);
  return {matrix_of(one - 2 * on, zero, on, zero, one, zero), flip.to(at::kBool)};
}

Moves Moves::window(const at::Tensor& left, const at::Tensor& top, double width, double height) {
  const at::Tensor zero = at::zeros_like(left), one = at::ones_like(left);
  return {matrix_of(one / width, zero, -left / width, zero, one / height, -top / height),
          at::zeros(left.sizes(), at::kBool)};
}

Moves Moves::then(const Moves& next) const {
  const at::Tensor square = at::cat({matrix, bottom_row(matrix.size(0))}, 1);
  return {at::bmm(next.matrix, square), at::logical_xor(mirrored, next.mirrored)};
}

at::Tensor apply(const Moves& moves, const at::Tensor& points) {
  return at::bmm(points, moves.matrix.slice(2, 0, 2).transpose(1, 2)) + moves.matrix.select(2, 2).unsqueeze(1);
}

void move_fields(Batch& batch, const Moves& moves, double least_side) {
  if (batch.landmarks.defined()) {
    const at::Tensor moved = apply(moves, batch.landmarks);
    const at::Tensor exchanged = moved.index_select(1, mirrored_order());
    const at::Tensor points = at::where(moves.mirrored.view({-1, 1, 1}), exchanged, moved);
    batch.landmarks = at::where(batch.landmarks_known.view({-1, 1, 1}), points, batch.landmarks);
  }
  if (batch.pose.defined()) {
    const at::Tensor sign = at::where(moves.mirrored, -1.0f, 1.0f).to(at::kFloat);
    batch.pose = batch.pose * at::stack({sign, at::ones_like(sign)}, 1);
  }
  for (std::size_t i = 0; i < batch.boxes.size(); ++i)
    move_boxes(batch.boxes[i], moves.matrix[static_cast<std::int64_t>(i)], least_side);
}

}  // namespace mien::batch
