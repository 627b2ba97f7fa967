// SPDX-License-Identifier: Apache-2.0
// Small pictures of a pack as PNG files in memory, for data_uri(). Pixels are stored uncompressed: thumbnails are
// small, and training needs no compression library for this.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace mien::report {

/// Height × width × channels bytes, rows from the top, channels interleaved.
struct Pixels {
  int width = 0, height = 0, channels = 1;  ///< channels: 1 grey, 3 red-green-blue
  std::vector<std::uint8_t> values;
};
/// Means over whole blocks until the longer side is at most `side`; unchanged if it already fits. Rows and columns
/// that fill no block are dropped.
Pixels shrunk(const Pixels& pixels, int side);
/// A PNG file. Throws bad_input if the sizes do not fit each other.
std::string encode_png(const Pixels& pixels);

}  // namespace mien::report
