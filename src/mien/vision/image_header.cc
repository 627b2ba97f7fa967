// SPDX-License-Identifier: Apache-2.0
// What can be known of a picture from its bytes without decoding it. Every read is bounds-checked.
#include <algorithm>
#include <array>
#include <cctype>

#include "mien/base/text.h"
#include "mien/vision/image.h"
#include "mien/vision/png_chunks.h"

namespace mien::vision {
namespace {

using namespace std::string_view_literals;

/// Unsigned integers at any offset; 0 beyond the end, with ok() turning false.
class Reader {
 public:
  explicit Reader(std::string_view bytes, bool big_endian = true) : bytes_(bytes), big_endian_(big_endian) {}
  std::uint64_t read(std::size_t offset, std::size_t count) {
    if (offset > bytes_.size() || count > bytes_.size() - offset) {
      ok_ = false;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = big_endian_ ? offset + i : offset + count - 1 - i;
      value = value << 8 | static_cast<unsigned char>(bytes_[at]);
    }
    return value;
  }
  bool ok() const { return ok_; }

 private:
  std::string_view bytes_;
  bool big_endian_;
  bool ok_ = true;
};

std::string kind_of_container(std::string_view brand) {  // ISO base media: "ftyp" + brand
  for (const auto heic : {"heic"sv, "heix"sv, "hevc"sv, "heim"sv, "heis"sv, "mif1"sv, "msf1"sv})
    if (brand == heic) return "a HEIC picture";
  if (brand == "avif" || brand == "avis") return "an AVIF picture";
  return "a video file";
}

bool looks_like_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 32 || c == '\n' || c == '\r' || c == '\t';
  });
}

/// Start of frame: 0xC0..0xCF without DHT, JPG and DAC.
bool is_frame_marker(std::uint64_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

struct JpegWalk {
  std::optional<ImageSize> size;
  bool has_end = false;
};

/// Follows the segments; inside a scan 0xFF00 is data and 0xFFD0..D7 are restarts (ITU-T T.81, B.1.1).
JpegWalk walk_jpeg(std::string_view b) {
  JpegWalk walk;
  Reader in(b);
  std::size_t at = 2;
  while (at + 1 < b.size()) {
    if (static_cast<unsigned char>(b[at]) != 0xFF) {  // entropy-coded data
      at = b.find('\xFF', at);
      if (at == std::string_view::npos) break;
      continue;
    }
    const auto marker = static_cast<unsigned char>(b[at + 1]);
    if (marker == 0xD9) {
      walk.has_end = true;
      break;
    }
    if (marker == 0xFF) {  // fill byte
      ++at;
      continue;
    }
    if (marker <= 0x01 || (marker >= 0xD0 && marker <= 0xD8)) {  // stuffed byte, restart: no length
      at += 2;
      continue;
    }
    const std::uint64_t length = in.read(at + 2, 2);
    if (!in.ok() || length < 2) break;
    if (is_frame_marker(marker) && !walk.size) {
      const ImageSize size{static_cast<std::int64_t>(in.read(at + 7, 2)),
                           static_cast<std::int64_t>(in.read(at + 5, 2))};
      if (in.ok()) walk.size = size;
    }
    at += 2 + length;
  }
  return walk;
}

std::optional<ImageSize> webp_size(std::string_view b) {
  Reader in(b, /*big_endian=*/false);
  const std::string_view chunk = b.substr(std::min<std::size_t>(12, b.size()), 4);
  ImageSize size;
  if (chunk == "VP8 ")
    size = {static_cast<std::int64_t>(in.read(26, 2) & 0x3FFF), static_cast<std::int64_t>(in.read(28, 2) & 0x3FFF)};
  if (chunk == "VP8L") {
    const std::uint64_t bits = in.read(21, 4);
    size = {static_cast<std::int64_t>(bits & 0x3FFF) + 1, static_cast<std::int64_t>(bits >> 14 & 0x3FFF) + 1};
  }
  if (chunk == "VP8X")
    size = {static_cast<std::int64_t>(in.read(24, 3)) + 1, static_cast<std::int64_t>(in.read(27, 3)) + 1};
  if (!in.ok() || size.width <= 0) return std::nullopt;
  return size;
}

std::optional<ImageSize> tiff_size(std::string_view b) {
  Reader in(b, b[0] == 'M');
  const std::size_t directory = in.read(4, 4);
  const std::uint64_t count = in.read(directory, 2);
  ImageSize size;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    const std::uint64_t tag = in.read(entry, 2), type = in.read(entry + 2, 2);
    const auto value = static_cast<std::int64_t>(in.read(entry + 8, type == 3 ? 2 : 4));
    if (tag == 256) size.width = value;
    if (tag == 257) size.height = value;
  }
  if (!in.ok() || size.width <= 0 || size.height <= 0) return std::nullopt;
  return size;
}

std::optional<ImageSize> pnm_size(std::string_view b) {  // "P5 # comment\n width height ..."
  std::array<std::int64_t, 2> numbers{};
  std::size_t found = 0;
  for (std::size_t at = 2; at < b.size() && found < 2;) {
    if (b[at] == '#') {
      at = std::min(b.find('\n', at), b.size());
    } else if (std::isdigit(static_cast<unsigned char>(b[at]))) {
      std::int64_t value = 0;
      for (; at < b.size() && std::isdigit(static_cast<unsigned char>(b[at])) && value < (1 << 30); ++at)
        value = value * 10 + (b[at] - '0');
      numbers[found++] = value;
    } else {
      ++at;
    }
  }
  if (found < 2) return std::nullopt;
  return ImageSize{numbers[0], numbers[1]};
}

}  // namespace

std::string image_kind(std::string_view b) {
  if (b.empty()) return "empty";
  if (b.starts_with("\xFF\xD8\xFF")) return "JPEG";
  if (b.starts_with("\x89PNG\r\n\x1A\n")) return "PNG";
  if (b.starts_with("BM") && b.size() > 26 && !looks_like_text(b.substr(0, 26))) return "BMP";
  if (b.starts_with("RIFF") && b.substr(0, 16).find("WEBP") == 8) return "WebP";
  if (b.starts_with("II*\0"sv) || b.starts_with("MM\0*"sv)) return "TIFF";
  if (b.size() > 2 && b[0] == 'P' && b[1] >= '1' && b[1] <= '6' && std::isspace(static_cast<unsigned char>(b[2])))
    return "PNM";
  if (b.size() >= 12 && b.substr(4, 4) == "ftyp") return kind_of_container(b.substr(8, 4));
  if (b.starts_with("version https://git-lfs")) return "a Git LFS pointer, not the picture itself";
  if (b.starts_with("GIF8")) return "a GIF picture";
  if (b.starts_with("%PDF")) return "a PDF document";
  if (b.starts_with("PK\x03\x04")) return "a zip archive";
  const std::string head = lower(trim(b.substr(0, 512)));
  if (head.starts_with("<!doctype html") || head.starts_with("<html")) return "an HTML page";
  if (head.find("<svg") != std::string::npos) return "an SVG drawing";
  if (looks_like_text(b.substr(0, 512))) return "a text file";
  return "not a picture";
}

std::optional<ImageSize> image_size(std::string_view b) {
  const std::string kind = image_kind(b);
  if (kind == "JPEG") return walk_jpeg(b).size;
  if (kind == "WebP") return webp_size(b);
  if (kind == "TIFF") return tiff_size(b);
  if (kind == "PNM") return pnm_size(b);
  Reader in(b, kind == "PNG");
  ImageSize size;
  if (kind == "PNG") size = {static_cast<std::int64_t>(in.read(16, 4)), static_cast<std::int64_t>(in.read(20, 4))};
  if (kind == "BMP") {  // negative height: stored top to bottom
    const auto height = static_cast<std::int32_t>(in.read(22, 4));
    size = {static_cast<std::int64_t>(in.read(18, 4)), std::abs(static_cast<std::int64_t>(height))};
  }
  if (!in.ok() || size.width <= 0 || size.height <= 0) return std::nullopt;
  return size;
}

bool is_complete(std::string_view b) {
  const std::string kind = image_kind(b);
  if (kind == "JPEG") return walk_jpeg(b).has_end;
  if (kind == "PNG") return png_has_end(b);
  Reader in(b, /*big_endian=*/false);
  if (kind == "WebP") {
    const std::uint64_t declared = in.read(4, 4) + 8;
    return in.ok() && declared <= b.size() + 1;  // the pad byte of an odd last chunk is often left out
  }
  if (kind == "BMP") {
    const std::uint64_t declared = in.read(2, 4);
    return in.ok() && declared <= b.size();
  }
  return true;
}

}  // namespace mien::vision
