// SPDX-License-Identifier: Apache-2.0
// JPEG by libjpeg-turbo directly: the same pixels as from OpenCV, but damage that the decoder has to guess is reported
// instead of printed. A JPEG that is damaged in the middle decodes to the end, grey or shifted from there on.
#pragma once

#include <string>
#include <string_view>

#include "mien/image/image.h"

namespace mien::image {

struct JpegPicture {
  Image image;          ///< blue-green-red, upright; empty if nothing could be decoded
  std::string error;    ///< why nothing could be decoded
  std::string warning;  ///< the decoder's first warning about damaged data; empty for an undamaged file
};

/// Decodes baseline and progressive JPEG: grey, YCbCr, RGB, CMYK, YCCK. Never throws for bad bytes.
JpegPicture decode_jpeg(std::string_view bytes);

}  // namespace mien::image
