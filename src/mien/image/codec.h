// SPDX-License-Identifier: Apache-2.0
// The readers and writers of the picture formats, one source file each: jpeg.cc, png.cc, webp.cc, tiff.cc, gif.cc,
// heif.cc, bmp.cc, pnm.cc. No header of a picture library is included here.
//
// A reader checks the size before it allocates pixels (check_size), refuses what is cut off or damaged (fail_cut,
// fail_damaged, with the library's message), and returns the pixels as stored together with the EXIF orientation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mien/image/image.h"

namespace mien::image {

/// One encoded picture. `origin` names it in errors, `kind` is its format as in image_kind.
struct Source {
  std::string_view bytes;
  std::string kind;
  std::string origin;
  std::int64_t max_pixels = kMaxPixels;
};

struct Picture {
  Image pixels;         ///< blue-green-red as stored, before the orientation is applied
  int orientation = 1;  ///< 1..8 as in EXIF 2.32, 4.6.4 A
  std::string note;     ///< a remark on a picture that could be read nevertheless; empty if there is none
};

Picture read_jpeg(const Source& source);
Picture read_png(const Source& source);
Picture read_webp(const Source& source);
Picture read_tiff(const Source& source);
Picture read_gif(const Source& source);
/// HEIC and AVIF.
Picture read_heif(const Source& source);
Picture read_bmp(const Source& source);
Picture read_pnm(const Source& source);

/// Whether a whole PNM header is at the start: text may begin with "P1 " too.
bool has_pnm_header(std::string_view head);

/// The upright picture. Throws bad_input for kinds that are not read. `notes` may be null.
Image decode(const Source& source, std::vector<std::string>* notes);
/// `stored` with the rotation or mirroring of an EXIF orientation applied.
Image upright(const Image& stored, int orientation);

/// Red-green-blue to blue-green-red, in place.
void swap_red_and_blue(Image& image);

/// Throws bad_input unless both sides are positive and the picture has at most source.max_pixels pixels.
void check_size(const Source& source, std::int64_t width, std::int64_t height);
/// Throws bad_input: the header, which gives the size, is truncated or damaged.
[[noreturn]] void fail_header(const Source& source);
/// Throws bad_input: the bytes end before the picture does.
[[noreturn]] void fail_cut(const Source& source);
/// Throws bad_input; `why` is the library's message.
[[noreturn]] void fail_damaged(const Source& source, std::string_view why);
/// Throws failed: a picture could not be written in that format.
[[noreturn]] void fail_encoding(std::string_view kind, std::string_view why);

inline constexpr const char* kAnimated = "animated: only the first picture was read";

}  // namespace mien::image
