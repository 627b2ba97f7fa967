// SPDX-License-Identifier: Apache-2.0
// From a stored crop to the network's input: the float part of preprocessing, as in training: bilinear sampling
// without aligned corners, edge pixels repeated, in float, then the contrast step if the spec has one, then
// (value / 255 - mean) / std.
#pragma once

#include <cstdint>
#include <span>

#include "mien/face/input_spec.h"

namespace mien::runtime {

/// picture: height × width × C bytes, channels last, C = spec.channels. out: C × spec.height × spec.width floats,
/// channels first. `mirror` swaps left and right. Throws bad_input if the lengths do not fit.
void fill_input(std::span<const std::uint8_t> picture, int width, int height, const face::InputSpec& spec, bool mirror,
                std::span<float> out);
/// The same for a square crop.
inline void fill_input(std::span<const std::uint8_t> crop, int side, const face::InputSpec& spec, bool mirror,
                       std::span<float> out) {
  fill_input(crop, side, side, spec, mirror, out);
}

}  // namespace mien::runtime
