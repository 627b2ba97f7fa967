// SPDX-License-Identifier: Apache-2.0
// What is read of a picture before its decoder sees it; small ones are decoded too.
#include <cstdint>
#include <string>
#include <vector>

#include "mien/base/error.h"
#include "mien/image/exif.h"
#include "mien/image/image.h"
#include "mien/image/jpeg.h"
#include "mien/image/png_chunks.h"
#include "mien/image/webp_chunks.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace mien::image;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto picture = image_size(bytes);
  is_complete(bytes);
  exif_orientation(bytes);
  webp_exif(bytes);
  const auto frame = webp_first_frame(bytes);
  if (size > 8) png_for_decoding(bytes);
  const auto is_small = [](const ImageSize& s) { return s.width > 0 && s.height > 0 && s.width <= 65536 / s.height; };
  if (!picture || !is_small(*picture) || (frame && !is_small(frame->canvas))) return 0;
  try {
    std::vector<std::string> notes;
    decode_image(bytes, "fuzz", &notes);
  } catch (const mien::Error&) {
  }
  return 0;
}
