// SPDX-License-Identifier: Apache-2.0
#include "mien/vision/image_format.h"

#include <cstdint>

#include "mien/base/text.h"

namespace mien::vision {
namespace {

std::uint32_t byte(std::string_view b, std::size_t i) { return static_cast<unsigned char>(b[i]); }
std::uint32_t big16(std::string_view b, std::size_t i) { return byte(b, i) << 8 | byte(b, i + 1); }
std::uint32_t big32(std::string_view b, std::size_t i) { return big16(b, i) << 16 | big16(b, i + 2); }
std::uint32_t little16(std::string_view b, std::size_t i) { return byte(b, i) | byte(b, i + 1) << 8; }
std::uint32_t little32(std::string_view b, std::size_t i) { return little16(b, i) | little16(b, i + 2) << 16; }

struct JpegFacts {
  std::optional<PictureSize> size;
  bool complete = false;
};

/// Walks the markers; entropy-coded data is skipped byte by byte (FF 00 and restart markers belong to it).
JpegFacts walk_jpeg(std::string_view b) {
  JpegFacts facts;
  std::size_t i = 2;
  while (i + 4 <= b.size() || (i + 2 <= b.size() && byte(b, i + 1) == 0xD9)) {
    if (byte(b, i) != 0xFF) {
      ++i;
      continue;
    }
    const std::uint32_t marker = byte(b, i + 1);
    if (marker == 0xD9) {
      facts.complete = true;
      return facts;
    }
    if (marker == 0xFF) {  // fill byte
      ++i;
      continue;
    }
    if (marker == 0x00 || marker == 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {
      i += 2;
      continue;
    }
    const std::size_t length = big16(b, i + 2);
    const bool is_frame = marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (is_frame && i + 9 <= b.size() && !facts.size) facts.size = PictureSize{big16(b, i + 7), big16(b, i + 5)};
    i += 2 + length;
  }
  return facts;
}

}  // namespace

Format sniff(std::string_view b) {
  if (b.empty()) return Format::empty;
  if (b.starts_with("\xFF\xD8\xFF")) return Format::jpeg;
  if (b.starts_with("\x89PNG\r\n\x1A\n")) return Format::png;
  if (b.starts_with("BM") && b.size() >= 26) return Format::bmp;
  if (b.starts_with("RIFF") && b.size() >= 16 && b.substr(8, 4) == "WEBP") return Format::webp;
  if (b.starts_with(std::string_view("II*\0", 4)) || b.starts_with(std::string_view("MM\0*", 4))) return Format::tiff;
  if (b.starts_with("GIF8")) return Format::gif;
  if (b.size() >= 12 && b.substr(4, 4) == "ftyp") {
    const auto brand = b.substr(8, 4);
    if (brand == "avif" || brand == "avis") return Format::avif;
    if (brand.starts_with("hei") || brand.starts_with("hev") || brand == "mif1" || brand == "msf1") return Format::heic;
  }
  if (b.starts_with("version https://git-lfs")) return Format::lfs_pointer;
  const std::string head = lower(trim(b.substr(0, 256)));
  if (head.starts_with("<!doctype html") || head.starts_with("<html")) return Format::html;
  return Format::unknown;
}

bool is_decodable(Format f) {
  return f == Format::jpeg || f == Format::png || f == Format::bmp || f == Format::webp || f == Format::tiff;
}

std::string describe(Format format) {
  switch (format) {
    case Format::jpeg: return "a JPEG picture";
    case Format::png: return "a PNG picture";
    case Format::bmp: return "a BMP picture";
    case Format::webp: return "a WebP picture";
    case Format::tiff: return "a TIFF picture";
    case Format::gif: return "a GIF picture";
    case Format::heic: return "a HEIC picture";
    case Format::avif: return "an AVIF picture";
    case Format::lfs_pointer: return "a Git LFS pointer, not the file itself";
    case Format::html: return "a web page";
    case Format::empty: return "empty";
    case Format::unknown: return "not a picture";
  }
  return "not a picture";
}

std::optional<PictureSize> declared_size(std::string_view b, Format format) {
  if (format == Format::jpeg) return walk_jpeg(b).size;
  if (format == Format::png && b.size() >= 24) return PictureSize{big32(b, 16), big32(b, 20)};
  if (format == Format::bmp && b.size() >= 26) {
    const auto height = static_cast<std::int32_t>(little32(b, 22));
    return PictureSize{static_cast<std::int32_t>(little32(b, 18)), height < 0 ? -static_cast<long long>(height) : height};
  }
  if (format == Format::webp && b.size() >= 30) {
    const auto kind = b.substr(12, 4);
    if (kind == "VP8X") return PictureSize{1 + (little16(b, 24) | byte(b, 26) << 16), 1 + (little16(b, 27) | byte(b, 29) << 16)};
    if (kind == "VP8 ") return PictureSize{little16(b, 26) & 0x3FFF, little16(b, 28) & 0x3FFF};
    if (kind == "VP8L") return PictureSize{1 + (little32(b, 21) & 0x3FFF), 1 + (little32(b, 21) >> 14 & 0x3FFF)};
  }
  return std::nullopt;
}

bool is_complete(std::string_view b, Format format) {
  if (format == Format::jpeg) return walk_jpeg(b).complete;
  if (format == Format::png) return b.find("IEND", b.size() > 4096 ? b.size() - 4096 : 0) != std::string_view::npos || b.find("IEND") != std::string_view::npos;
  if (format == Format::webp) return b.size() >= 8 + static_cast<std::size_t>(little32(b, 4));
  return true;
}

}  // namespace mien::vision
