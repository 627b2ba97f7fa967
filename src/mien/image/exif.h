// SPDX-License-Identifier: Apache-2.0
// The EXIF orientation, by libexif.
#pragma once

#include <string_view>

namespace mien::image {

/// 1..8 as in EXIF 2.32, 4.6.4 A: the operation that makes the picture upright. `exif` is a TIFF block,
/// with or without a preceding "Exif\0\0"; 1 (nothing to do) if it is truncated, malformed or empty.
int exif_orientation(std::string_view exif);

}  // namespace mien::image
