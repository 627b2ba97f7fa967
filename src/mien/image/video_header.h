// SPDX-License-Identifier: Apache-2.0
// Videos by their first bytes, to name them if a picture was expected.
#pragma once

#include <string_view>

namespace mien::image {

/// Whether the bytes begin as AVI, Matroska and WebM, QuickTime, Windows Media (ASF), Flash, Ogg with Theora,
/// RealMedia, MXF, YUV4MPEG, or MPEG program and transport streams do. MP4 and related formats are recognised by
/// image_kind's own table of brands.
bool is_video(std::string_view bytes);

}  // namespace mien::image
