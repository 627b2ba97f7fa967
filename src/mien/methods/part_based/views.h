// SPDX-License-Identifier: Apache-2.0
// Training pictures of the part-based ensemble (card 4.2).
#pragma once

#include "mien/batch/batch.h"
#include "mien/face/input_spec.h"
#include "mien/methods/part_based/config.h"

namespace mien::methods::part_based {

/// Packed pixels → normalised pictures; landmarks move with them. `reference`: rotation ±15°, shift ±5 % of the side,
/// mirrored with probability one half, one bilinear sampling with repeated edges, values rounded to 8 bits.
batch::View make_view(Augment augment, const face::InputSpec& input);

}  // namespace mien::methods::part_based
