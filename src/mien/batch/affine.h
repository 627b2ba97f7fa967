// SPDX-License-Identifier: Apache-2.0
// One batched affine sampling per picture: rotation, scale, shift and flip in a single interpolation from the packed
// size straight to the network's input size.
#pragma once

#include "mien/batch/moves.h"
#include "mien/batch/random.h"

namespace mien::batch {

/// Per-picture parameters, each (B) float32. Rotation is clockwise on the screen; shifts are fractions of the side.
struct AffineParameters {
  at::Tensor rotation_rad, scale, shift_x, shift_y;
  at::Tensor flip;  ///< bool: mirror left and right
  static AffineParameters identity(std::int64_t batch);
};

struct AffineRange {
  double flip_probability = 0.5;
  double rotation_deg = 0;  ///< ± this
  double scale_low = 1, scale_high = 1;
  double shift = 0;        ///< ± this fraction of the side
  double probability = 1;  ///< of rotation, scale and shift together; flip is drawn separately
};
AffineParameters draw(std::int64_t batch, const AffineRange& range, at::Generator& generator);
/// Where warp() with these parameters moves the points of a picture.
Moves moves_of(const AffineParameters& parameters);

enum class Sampling { bilinear, nearest };
enum class Border { replicate, zero };

/// images (B,C,h,w) float32 → (B,C,height,width): output = input flipped, then scaled, rotated and shifted about its
/// centre.
at::Tensor warp(const at::Tensor& images, const AffineParameters& parameters, std::int64_t height, std::int64_t width,
                Sampling sampling, Border border);

/// Mirrors left and right with the given probability, picture by picture. (B,C,H,W) → the same. Here and below, `moves`
/// receives the draws, after its previous content; nullptr: not needed.
at::Tensor mirror(const at::Tensor& images, double probability, at::Generator& generator, Moves* moves = nullptr);

/// Cuts whole pixels out of each picture: rows (B,h) and columns (B,w) int64 give the source of each line. (B,C,H,W)
/// → (B,C,h,w)
at::Tensor take_lines(const at::Tensor& images, const at::Tensor& rows, const at::Tensor& columns);

/// Zero-pads by `padding` pixels and cuts a window of the old size at a random position, for pictures where `chosen`.
at::Tensor random_crop(const at::Tensor& images, std::int64_t padding, const at::Tensor& chosen,
                       at::Generator& generator, Moves* moves = nullptr);

}  // namespace mien::batch
