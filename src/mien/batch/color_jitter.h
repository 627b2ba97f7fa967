// SPDX-License-Identifier: Apache-2.0
// Changes of colour on 8-bit values, each picture with its own draws.
#pragma once

#include "mien/nn/torch.h"

namespace mien::batch {

/// Half widths: factors are uniform in 1 ± range, the shift of the hue (shares of a full turn) in ± range.
struct JitterRanges {
  double brightness = 0, contrast = 0, saturation = 0;
  double hue = 0;  ///< 0: the hue does not change; otherwise at most 0.5
};
/// Brightness, contrast, saturation and hue, in an order that each picture draws.
/// images (B,C,H,W) float32 of whole numbers 0..255, C = 1 or 3 → the same
at::Tensor color_jitter(const at::Tensor& images, const JitterRanges& ranges, at::Generator& generator);
/// The same range for brightness, contrast and saturation; the hue does not change.
at::Tensor color_jitter(const at::Tensor& images, double range, at::Generator& generator);

/// Replaces colour by grey in all channels, with the given probability per picture. The same shapes.
at::Tensor random_grey(const at::Tensor& images, double probability, at::Generator& generator);

}  // namespace mien::batch
