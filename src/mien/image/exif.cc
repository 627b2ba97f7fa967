// SPDX-License-Identifier: Apache-2.0
#include "mien/image/exif.h"

#include <cstdint>
#include <opencv2/core.hpp>
#include <optional>

namespace mien::image {
namespace {

constexpr std::uint32_t kOrientation = 0x0112;

std::optional<std::uint32_t> number(std::string_view b, std::uint64_t at, std::size_t count, bool big_endian) {
  if (at > b.size() || count > b.size() - at) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i)
    value = value << 8 | static_cast<unsigned char>(b[at + (big_endian ? i : count - 1 - i)]);
  return value;
}

}  // namespace

int exif_orientation(std::string_view exif) {
  using namespace std::string_view_literals;
  if (exif.starts_with("Exif\0\0"sv)) exif.remove_prefix(6);
  const bool big = exif.starts_with("MM\0*"sv);
  if (!big && !exif.starts_with("II*\0"sv)) return 1;
  const auto directory = number(exif, 4, 4, big);
  const auto count = directory ? number(exif, *directory, 2, big) : std::nullopt;
  if (!count) return 1;
  for (std::uint64_t i = 0; i < *count; ++i) {
    const std::uint64_t entry = *directory + 2 + 12 * i;
    const auto tag = number(exif, entry, 2, big);
    if (!tag) return 1;
    if (*tag != kOrientation) continue;
    const auto value = number(exif, entry + 8, 2, big);
    return value && *value >= 1 && *value <= 8 ? static_cast<int>(*value) : 1;
  }
  return 1;
}

Image upright(const Image& stored, int orientation) {
  Image turned = stored, out;
  if (orientation >= 5 && orientation <= 8) cv::transpose(stored, turned);
  switch (orientation) {
    case 2:
    case 6:
      cv::flip(turned, out, 1);
      return out;
    case 3:
    case 7:
      cv::flip(turned, out, -1);
      return out;
    case 4:
    case 8:
      cv::flip(turned, out, 0);
      return out;
    default:
      return turned;
  }
}

}  // namespace mien::image
