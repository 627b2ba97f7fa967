// SPDX-License-Identifier: Apache-2.0
// Whole ways from packed pixels to normalised network input that several methods train with.
#pragma once

#include "mien/augment/random.h"
#include "mien/face/input_spec.h"

namespace mien::augment {

/// pixels (B,C,h,w) uint8 → (B,C,H,W) float32: resized and normalised, as in evaluation.
at::Tensor plain(const at::Tensor& pixels, const face::InputSpec& input);

/// Our recipe for small grey crops: one bilinear sampling from the packed size to the input size (±15°, ±12 %, shift 6 %,
/// flip), light jitter, erasing of 2 to 16 % of the area. The same shapes.
at::Tensor ferplus(const at::Tensor& pixels, const face::InputSpec& input, at::Generator& generator);

}  // namespace mien::augment
