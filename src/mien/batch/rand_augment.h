// SPDX-License-Identifier: Apache-2.0
// RandAugment (Cubuk et al. 2020) as in timm: magnitudes vary from draw to draw. Fifteen operations: auto
// contrast, equalise, invert, rotate, posterise, solarise, solarise-add, colour, contrast, brightness, sharpness, shear
// and shift in x and y.
#pragma once

#include "mien/batch/random.h"

namespace mien::batch {

struct RandAugmentOptions {
  int operations = 3;        ///< drawn with replacement per picture
  double magnitude = 5;      ///< 0..10
  double spread = 0.5;       ///< standard deviation of the magnitude, drawn for each application, clamped to 0..10
  double probability = 0.5;  ///< of applying a drawn operation
};

/// (B,C,H,W) float32 of whole numbers 0..255 → the same. Each picture has its own draws. Pixels outside a moved picture
/// are (124, 116, 104), or 117 in grey.
at::Tensor rand_augment(const at::Tensor& images, const RandAugmentOptions& options, at::Generator& generator);

}  // namespace mien::batch
