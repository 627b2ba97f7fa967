// SPDX-License-Identifier: Apache-2.0
// Complete paths from packed pixels to normalised network input, used for training by several methods.
#pragma once

#include "mien/batch/batch.h"
#include "mien/batch/moves.h"
#include "mien/batch/random.h"
#include "mien/face/input_spec.h"

namespace mien::batch {

/// pixels (B,C,h,w) uint8 → (B,C,H,W) float32, augmented and normalised. `moves` gets the motion, after its previous
/// content; nullptr: not needed.
using Recipe = at::Tensor (*)(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& generator,
                              Moves* moves);

/// A view that moves landmarks, pose and boxes with the picture. If a stage requests these, only one of several
/// views may do so.
View view_of(Recipe recipe, const face::InputSpec& input);

/// pixels (B,C,h,w) uint8 → (B,C,H,W) float32: resized and normalised, as in evaluation.
/// Nothing is drawn; the generator is a parameter so that all recipes have the same type.
at::Tensor plain(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& generator,
                 Moves* moves = nullptr);

/// Our recipe for small grey crops: one bilinear sampling from the packed size to the input size (±15°, ±12 %, shift 6
/// %, flip), light jitter, erasing of 2 to 16 % of the area. The same shapes.
at::Tensor ferplus(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& generator,
                   Moves* moves = nullptr);

/// As in DAN's reference and FDRL's re-implementation for RAF-DB: flip 0.5; with probability 0.2 both a rotation of
/// ±20° and a crop after padding by a seventh of the side (32 of 224); erasing after normalisation. Rotation samples
/// the nearest pixel and fills 0. The same shapes.
at::Tensor raf_db(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& generator,
                  Moves* moves = nullptr);

/// As in DAN's reference for AffectNet: flip 0.5; with probability 0.7 one affine map (±20°, shift up to 20 % of the
/// side, scale 0.8 to 1, nearest pixel, fill 0); larger erasing after normalisation. The same shapes.
at::Tensor affectnet(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& generator,
                     Moves* moves = nullptr);

}  // namespace mien::batch
