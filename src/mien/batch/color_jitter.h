// SPDX-License-Identifier: Apache-2.0
// Changes of colour on 8-bit values, each picture with its own draws.
#pragma once

#include "mien/nn/torch.h"

namespace mien::batch {

/// Brightness, contrast and saturation, each by a factor uniform in 1 ± range, in an order that each picture draws.
/// images (B,C,H,W) float32 of whole numbers 0..255, C = 1 or 3 → the same
at::Tensor color_jitter(const at::Tensor& images, double range, at::Generator& generator);

/// Replaces colour by grey in all channels, with the given probability per picture. The same shapes.
at::Tensor random_grey(const at::Tensor& images, double probability, at::Generator& generator);

}  // namespace mien::batch
