// SPDX-License-Identifier: Apache-2.0
// face::InputSpec applied to tensors: the training side of the one scaling rule.
#pragma once

#include "mien/face/input_spec.h"
#include "mien/nn/torch.h"

namespace mien::nn {

/// (B,C,H,W) values 0..255, any dtype → (value / 255 - mean) / std, float32. Channel counts must agree.
at::Tensor normalise(const at::Tensor& pixels, const face::InputSpec& spec);
/// Bilinear to the input size (half-pixel centres, no corner alignment), as recognition enlarges a crop; then the
/// contrast step if the spec has one, which maps whole values 0..255 to whole values 0..255. (B,C,H,W).
at::Tensor resize_to_input(const at::Tensor& images, const face::InputSpec& spec);

}  // namespace mien::nn
