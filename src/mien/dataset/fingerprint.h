// SPDX-License-Identifier: Apache-2.0
// Data that identify a picture again: an exact hash of its pixels, and a small grey picture with a difference hash
// (dHash) that survive mirroring, re-compression and a change of brightness.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "mien/image/image.h"

namespace mien::dataset {

inline constexpr int kThumbSide = 32;

struct Fingerprint {
  std::string content;         ///< content hash of size and pixels; "" if the picture could not be read
  int width = 0, height = 0;   ///< pixels
  std::uint64_t bits = 0;      ///< dHash of the picture
  std::uint64_t mirrored = 0;  ///< dHash of its mirror image
  std::array<std::uint8_t, kThumbSide * kThumbSide> thumb{};  ///< grey, rows from the top
};

Fingerprint fingerprint(const image::Image& image);

/// Correlation of two thumbs, -1..1 (brightness and contrast do not matter); 0 if one of them is flat.
double correlation(const Fingerprint& a, const Fingerprint& b, bool mirror_b);

}  // namespace mien::dataset
