// SPDX-License-Identifier: Apache-2.0
// RandAugment as in FixMatch (Sohn et al. 2020): one fixed level for all draws, no inversion, shifts in pixels,
// grey fill. Fourteen operations; the numbers at level 10 are those of the table in DNFER's card, section 4.2.
#pragma once

#include "mien/batch/moves.h"
#include "mien/batch/random.h"

namespace mien::batch {

enum class LevelOperation {
  identity,
  auto_contrast,
  equalize,
  rotate,
  solarize,
  color,
  contrast,
  brightness,
  sharpness,
  shear_x,
  shear_y,
  translate_x,
  translate_y,
  posterize
};
inline constexpr int kLevelOperations = 14;

struct LevelAugmentOptions {
  int operations = 2;        ///< drawn with replacement per picture
  double level = 10;         ///< 0..10
  double probability = 0.5;  ///< of applying a drawn operation
  double shift_px = 10;      ///< of the two translations at level 10
  /// As in the published code: auto contrast turns channels white if their darkest value is above 0, sharpness wraps
  /// around instead of stopping at 0 and 255, colour and contrast swap the weights of red and blue.
  bool reference_quirks = false;
};

/// One operation on all pictures. images (B,C,H,W) float32 of whole numbers 0..255, C = 1 or 3 → the same; sign (B) of
/// ±1 for rotation (30°), shear (0.3) and shift. Pixels outside a moved picture are 128. Solarising has the threshold
/// 256 at level 10 and so has no effect; grey pictures have no colour to change.
at::Tensor apply_level(LevelOperation operation, const at::Tensor& images, const at::Tensor& sign,
                       const LevelAugmentOptions& options);

/// Draws for a batch: operation (B,N) int64, applied (B,N) bool, sign (B,N) float32.
struct LevelDraws {
  at::Tensor operation, applied, sign;
};
LevelDraws draw_levels(std::int64_t batch, const LevelAugmentOptions& options, at::Generator& generator);

/// Draws and applies.
at::Tensor level_augment(const at::Tensor& images, const LevelAugmentOptions& options, at::Generator& generator);

/// Mirror-pads by `padding` pixels (the edge isn't repeated) and cuts a window of the old size, its corner uniform in
/// {0..last}² of the padded picture; last = 2·padding reaches every position.
/// `moves` gets the draws (affine.h).
at::Tensor reflect_crop(const at::Tensor& images, std::int64_t padding, std::int64_t last, at::Generator& generator,
                        Moves* moves = nullptr);

/// Fills one square per picture, clipped at the border. Row and column (B) of the centre: a side of 16 covers the 8
/// lines before it, itself and the 7 lines after it.
at::Tensor cutout_at(const at::Tensor& images, const at::Tensor& rows, const at::Tensor& columns, std::int64_t side,
                     double fill);
/// The same, each centre uniform over the pixels.
at::Tensor cutout(const at::Tensor& images, std::int64_t side, double fill, at::Generator& generator);

}  // namespace mien::batch
