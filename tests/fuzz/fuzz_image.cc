// SPDX-License-Identifier: Apache-2.0
// Pictures of every format and any declared size; only small ones are decoded.
#include <cstdint>
#include <string>
#include <vector>

#include "mien/base/error.h"
#include "mien/image/codec.h"
#include "mien/image/exif.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mien::image;
  constexpr std::int64_t kMostPixels = 65536;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  exif_orientation(bytes);
  try {
    std::vector<std::string> notes;
    decode({bytes, image_kind(bytes), "fuzz", kMostPixels}, &notes);
  } catch (const mien::Error&) {
  }
  return 0;
}
