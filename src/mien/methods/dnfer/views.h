// SPDX-License-Identifier: Apache-2.0
// DNFER's two views of a picture (card section 4.2).
#pragma once

#include <vector>

#include "mien/method/method.h"
#include "mien/methods/dnfer/config.h"

namespace mien::methods::dnfer {

/// Lengths in pixels: as published at 224, smaller for inputs of 64 pixels or less (ours).
struct ViewLengths {
  int pad = 4, shift = 10, cutout = 16;
};
ViewLengths view_lengths(int side);

/// The configured views, weak first: packed pixels → augmented, normalised network input. All
/// draws of the views are independent.
std::vector<method::View> make_views(const DnferConfig& config, const face::InputSpec& input);

}  // namespace mien::methods::dnfer
