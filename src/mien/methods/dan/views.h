// SPDX-License-Identifier: Apache-2.0
// DAN's training pictures: the reference's two augmentations (card section 4.1), our FER+ recipe, or none.
#pragma once

#include <string>
#include <vector>

#include "mien/method/method.h"

namespace mien::methods::dan {

/// "raf-db", "affectnet", "ferplus", "none"
std::vector<std::string> augmentation_names();

/// Packed pixels → augmented, normalised network input.
method::View make_view(const std::string& augmentation, const face::InputSpec& input);

}  // namespace mien::methods::dan
