// SPDX-License-Identifier: Apache-2.0
// The chunks of a WebP file (RFC 9649, section 2.3 on): what OpenCV does not read of it. Every read is bounds-checked.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mien/image/image.h"

namespace mien::image {

struct WebpFrame {
  std::string file;  ///< a still WebP file with only this frame
  int x = 0, y = 0;  ///< position on the canvas, in pixels
  ImageSize canvas;
};

/// The EXIF block; empty if there is none.
std::string_view webp_exif(std::string_view bytes);
/// The first frame of an animation; nothing if the file is a still picture or the frame is malformed.
std::optional<WebpFrame> webp_first_frame(std::string_view bytes);

}  // namespace mien::image
