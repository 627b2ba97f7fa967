// SPDX-License-Identifier: Apache-2.0
// The EXIF orientation, for the forms whose decoder does not apply it. Every read is bounds-checked.
#pragma once

#include <string_view>

#include "mien/image/image.h"

namespace mien::image {

/// 1..8 as in EXIF 2.32, 4.6.4 A: what has to be done to see the picture upright. `exif` is a TIFF block, with or
/// without the words "Exif\0\0" before it; 1 (nothing to do) where it is cut, malformed or silent.
int exif_orientation(std::string_view exif);
/// `stored` with that turn or mirroring applied.
Image upright(const Image& stored, int orientation);

}  // namespace mien::image
