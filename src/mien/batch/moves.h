// SPDX-License-Identifier: Apache-2.0
// The motion of a batch's pictures by augmentation, and its effect on landmarks, pose and boxes. Augmentations that
// move a picture return their draws as motions; a view applies these to the targets once, after all augmentations.
#pragma once

#include "mien/batch/batch.h"

namespace mien::batch {

/// Per picture: the position of a point of the old picture in the new one, both as fractions of their sides (0..1), and
/// whether left and right changed sides.
struct Moves {
  at::Tensor matrix;    ///< (B,2,3) float32: new = matrix · (x, y, 1)
  at::Tensor mirrored;  ///< (B) bool

  static Moves none(std::int64_t batch);
  /// Left and right exchanged where `flip` (B) bool.
  static Moves mirror(const at::Tensor& flip);
  /// A window: the new picture shows the part of the old one from (left, top) with the given size, each (B) float32 or
  /// a number, in fractions of the old sides.
  static Moves window(const at::Tensor& left, const at::Tensor& top, double width, double height);
  /// These moves, followed by others.
  Moves then(const Moves& next) const;
};

/// points (B,n,2) in fractions of the old picture → of the new one.
at::Tensor apply(const Moves& moves, const at::Tensor& points);

/// Moves the batch's landmarks, pose and boxes, if any. Mirrored rows exchange the landmarks' left and right
/// (face/points68.h) and change the sign of the yaw; in-plane rotation leaves yaw and pitch as they are. A box becomes
/// the axis-parallel box around its moved corners, clipped to the picture; it is removed if a side is then shorter than
/// `least_side` (fraction of the picture).
void move_fields(Batch& batch, const Moves& moves, double least_side = 1.0 / 320);

}  // namespace mien::batch
