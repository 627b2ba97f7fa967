// SPDX-License-Identifier: Apache-2.0
// Bilinear sampling without aligned corners, edge pixels repeated, in float: scales a stored crop to the network's
// size, in training (nn/scaling.h) and in recognition (runtime/input.h).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "mien/face/input_spec.h"

namespace mien::face {

/// For each output position: the two source positions and the weight of the second.
struct Taps {
  std::vector<int> low, high;
  std::vector<float> weight;
};
/// `mirror` counts the output positions from the other end.
Taps taps(int source, int target, bool mirror = false);

/// A grey picture (width × height bytes) at the size of `spec`, rounded to whole values (half to even), after its
/// contrast step, which must be set: spec.width × spec.height bytes.
std::vector<std::uint8_t> equalised_input(std::span<const std::uint8_t> grey, int width, int height,
                                          const InputSpec& spec);

}  // namespace mien::face
