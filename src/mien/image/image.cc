// SPDX-License-Identifier: Apache-2.0
#include "mien/image/image.h"

#include <algorithm>
#include <array>

#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/image/codec.h"

namespace mien::image {
namespace {

constexpr std::array<std::string_view, 16> kSuffixes = {".jpg",  ".jpeg", ".jpe", ".png", ".bmp", ".webp",
                                                        ".tif",  ".tiff", ".pgm", ".ppm", ".pnm", ".gif",
                                                        ".heic", ".heif", ".hif", ".avif"};
constexpr std::array<std::string_view, 4> kForeignSuffixes = {".jxl", ".jp2", ".psd", ".dng"};

}  // namespace

Image decode_image(std::string_view bytes, const std::string& origin, std::vector<std::string>* notes) {
  return decode({bytes, image_kind(bytes), origin}, notes);
}

Image load_image(const std::filesystem::path& path, std::vector<std::string>* notes) {
  require_file(path, "picture");
  return decode_image(read_file(path), path.string(), notes);
}

bool has_image_name(const std::filesystem::path& path) {
  return std::ranges::find(kSuffixes, lower(path.extension().string())) != kSuffixes.end();
}

bool has_foreign_image_name(const std::filesystem::path& path) {
  return std::ranges::find(kForeignSuffixes, lower(path.extension().string())) != kForeignSuffixes.end();
}

}  // namespace mien::image
