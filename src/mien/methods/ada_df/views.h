// SPDX-License-Identifier: Apache-2.0
// Ada-DF's training pictures: the reference's augmentation (card section 4), our FER+ recipe, or none.
#pragma once

#include <string>
#include <vector>

#include "mien/method/method.h"

namespace mien::methods::ada_df {

/// "raf-db" (AffectNet's too), "sfew", "ferplus", "none"
std::vector<std::string> augmentation_names();

/// Packed pixels → augmented, normalised network input. ten_crop: ten crops of each picture, their targets repeated
/// (crops.h).
method::View make_view(const std::string& augmentation, const face::InputSpec& input, bool ten_crop = false);

}  // namespace mien::methods::ada_df
