// SPDX-License-Identifier: Apache-2.0
// Pictures to bytes. Each takes H × W, 8 bit, three channels blue-green-red; JPEG and PNG take one grey channel too.
// Throws failed if the format cannot hold the picture.
#pragma once

#include <string>
#include <string_view>

#include "mien/image/image.h"

namespace mien::image {

/// Baseline JPEG, chroma at half resolution. `quality` 1..100; `comment` is written into the file if it is not empty.
std::string encode_jpeg(const Image& image, int quality, std::string_view comment = {});
/// Compressed for speed.
std::string encode_png(const Image& image, std::string_view comment = {});
/// Lossless.
std::string encode_webp(const Image& image);
std::string encode_bmp(const Image& image);
/// LZW with horizontal differences.
std::string encode_tiff(const Image& image);

}  // namespace mien::image
