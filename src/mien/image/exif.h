// SPDX-License-Identifier: Apache-2.0
// The EXIF orientation, for formats whose decoder does not apply it. Every read is bounds-checked.
#pragma once

#include <string_view>

#include "mien/image/image.h"

namespace mien::image {

/// 1..8 as in EXIF 2.32, 4.6.4 A: the operation that makes the picture upright. `exif` is a TIFF block, with or
/// without the words "Exif\0\0" before it; 1 (nothing to do) if it is truncated, malformed or empty.
int exif_orientation(std::string_view exif);
/// `stored` with this rotation or mirroring applied.
Image upright(const Image& stored, int orientation);

}  // namespace mien::image
