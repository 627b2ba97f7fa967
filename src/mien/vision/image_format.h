// SPDX-License-Identifier: Apache-2.0
// What can be said of a picture file from its bytes alone: format, declared size, whether it is complete.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mien::vision {

enum class Format { jpeg, png, bmp, webp, tiff, gif, heic, avif, lfs_pointer, html, empty, unknown };
Format sniff(std::string_view bytes);
/// "a HEIC picture", "a Git LFS pointer", ... for messages about files that can't be decoded.
std::string describe(Format format);
bool is_decodable(Format format);

struct PictureSize {
  long long width = 0, height = 0;
};
/// From the header of JPEG, PNG, BMP and WebP; nothing where it can't be found.
std::optional<PictureSize> declared_size(std::string_view bytes, Format format);

/// JPEG: the end marker follows the last scan; PNG: the end chunk is there; others: true.
bool is_complete(std::string_view bytes, Format format);

}  // namespace mien::vision
