// SPDX-License-Identifier: Apache-2.0
#include "mien/image/exif.h"

#include <libexif/exif-data.h>

#include <cstdint>
#include <memory>
#include <string>

namespace mien::image {
namespace {

/// The standard says SHORT; some programs write other integers. 0 if the entry is not an integer.
std::uint32_t value_of(const ExifEntry& entry, ExifByteOrder order) {
  if (entry.format == EXIF_FORMAT_BYTE && entry.size >= 1) return entry.data[0];
  if (entry.format == EXIF_FORMAT_SHORT && entry.size >= 2) return exif_get_short(entry.data, order);
  if (entry.format == EXIF_FORMAT_LONG && entry.size >= 4) return exif_get_long(entry.data, order);
  return 0;
}

}  // namespace

int exif_orientation(std::string_view exif) {
  using namespace std::string_view_literals;
  constexpr std::string_view kMark = "Exif\0\0"sv;
  constexpr std::size_t kMost = 65535;  // the most that a JPEG segment holds; the orientation is near the start
  if (exif.empty()) return 1;
  std::string block(exif.starts_with(kMark) ? ""sv : kMark);
  block += exif.substr(0, kMost);
  const std::unique_ptr<ExifData, void (*)(ExifData*)> data(exif_data_new(), exif_data_unref);
  if (!data) return 1;
  exif_data_unset_option(data.get(), EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);  // it would invent missing entries
  exif_data_load_data(data.get(), reinterpret_cast<const unsigned char*>(block.data()),
                      static_cast<unsigned>(block.size()));
  const ExifEntry* entry = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
  const std::uint32_t value = entry ? value_of(*entry, exif_data_get_byte_order(data.get())) : 1;
  return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
}

}  // namespace mien::image
