// SPDX-License-Identifier: Apache-2.0
// What can be known of a picture from its bytes without decoding it. Every read is bounds-checked.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "mien/base/stand_in.h"
#include "mien/base/text.h"
#include "mien/image/image.h"
#include "mien/image/png_chunks.h"
#include "mien/image/video_header.h"

namespace mien::image {
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

/// The values of a directory entry with integers; empty if they are outside the file.
std::vector<std::uint64_t> tiff_values(Reader& in, std::string_view b, std::size_t entry) {
  const std::uint64_t type = in.read(entry + 2, 2), count = in.read(entry + 4, 4);
  const std::size_t width = type == 3 ? 2 : 4;
  if ((type != 3 && type != 4) || count > b.size() / width) return {};
  const std::size_t at = count * width <= 4 ? entry + 8 : in.read(entry + 8, 4);
  std::vector<std::uint64_t> values;
  for (std::size_t i = 0; i < count && in.ok(); ++i) values.push_back(in.read(at + i * width, width));
  return in.ok() ? values : std::vector<std::uint64_t>{};
}

/// Whether all strips or tiles of the first picture are within the file (TIFF 6.0, sections 3 and 15).
bool tiff_is_complete(std::string_view b) {
  Reader in(b, b[0] == 'M');
  const std::size_t directory = in.read(4, 4);
  const std::uint64_t count = in.read(directory, 2);
  std::vector<std::uint64_t> offsets, sizes;
  for (std::size_t i = 0; i < count && in.ok(); ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    const std::uint64_t tag = in.read(entry, 2);
    if (tag == 273 || tag == 324) offsets = tiff_values(in, b, entry);
    if (tag == 279 || tag == 325) sizes = tiff_values(in, b, entry);
  }
  if (!in.ok() || offsets.empty() || offsets.size() != sizes.size()) return false;
  for (std::size_t i = 0; i < offsets.size(); ++i)
    if (offsets[i] > b.size() || sizes[i] > b.size() - offsets[i]) return false;
  return true;
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

struct PnmHead {
  std::int64_t width = 0, height = 0, maximum = 1;
  std::size_t end = 0;  ///< where the pixels begin
};

std::optional<PnmHead> pnm_head(std::string_view b) {  // "P5 # comment\n width height maximum" and one white space
  const bool is_bitmap = b[1] == '1' || b[1] == '4';
  std::array<std::int64_t, 3> numbers{0, 0, 1};
  std::size_t found = 0, at = 2;
  for (const std::size_t wanted = is_bitmap ? 2 : 3; at < b.size() && found < wanted;) {
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
  if (found < 2 || numbers[0] <= 0 || numbers[1] <= 0) return std::nullopt;
  return PnmHead{numbers[0], numbers[1], numbers[2], at + 1};
}

/// Whether as many bytes follow as the pixels need: exact for the binary forms, at least a digit each for text.
bool pnm_is_complete(std::string_view b) {
  const auto head = pnm_head(b);
  if (!head || head->end > b.size() || head->width > kMaxPixels / head->height) return false;
  const std::int64_t pixels = head->width * head->height, colours = b[1] == '3' || b[1] == '6' ? 3 : 1;
  std::int64_t needed = pixels * colours;
  if (b[1] == '4') needed = (head->width + 7) / 8 * head->height;
  if (b[1] == '2' || b[1] == '3') needed = 2 * needed - 1;
  if (b[1] >= '5' && head->maximum > 255) needed *= 2;
  return static_cast<std::int64_t>(b.size() - head->end) >= needed;
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
  if (is_video(b)) return "a video file";
  if (const auto stand_in = stand_in_kind(b); !stand_in.empty())
    return fmt::format("{}, not the picture itself", stand_in);
  if (b.starts_with("GIF8")) return "a GIF picture";
  if (b.starts_with("\xFF\x0A") || b.starts_with("\0\0\0\x0CJXL "sv)) return "a JPEG XL picture";
  if (b.starts_with("\0\0\0\x0CjP  "sv)) return "a JPEG 2000 picture";
  if (b.starts_with("8BPS")) return "a Photoshop picture";
  if (b.starts_with("%PDF")) return "a PDF document";
  if (b.starts_with("PK\x03\x04")) return "a zip archive";
  const std::string head = lower(trim(b.substr(0, 512)));
  if (head.find("<svg") != std::string::npos) return "an SVG drawing";
  if (looks_like_text(b.substr(0, 512))) return "a text file";
  return "not a picture";
}

ContentKind content_kind(std::string_view head) {
  std::string kind = image_kind(head);
  for (const auto known : {"JPEG"sv, "PNG"sv, "BMP"sv, "WebP"sv, "TIFF"sv})
    if (kind == known) return {Content::picture, kind};
  // Text may begin with "P1 " too.
  if (kind == "PNM")
    return image_size(head) ? ContentKind{Content::picture, kind} : ContentKind{Content::other, "text file"};
  if (head.starts_with("\x93NUMPY")) return {Content::other, "NumPy array"};
  if (kind == "empty") return {Content::other, "empty file"};
  if (kind == "not a picture") return {Content::other, "other file"};
  for (const auto article : {"a "sv, "an "sv})
    if (kind.starts_with(article)) kind.erase(0, article.size());
  if (kind == "video file") return {Content::video, kind};
  const bool is_picture = kind.ends_with(" picture");
  return {is_picture ? Content::foreign_picture : Content::other, kind};
}

std::optional<ImageSize> image_size(std::string_view b) {
  const std::string kind = image_kind(b);
  if (kind == "JPEG") return walk_jpeg(b).size;
  if (kind == "WebP") return webp_size(b);
  if (kind == "TIFF") return tiff_size(b);
  if (kind == "PNM") {
    const auto head = pnm_head(b);
    return head ? std::optional(ImageSize{head->width, head->height}) : std::nullopt;
  }
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
  if (kind == "TIFF") return tiff_is_complete(b);
  if (kind == "PNM") return pnm_is_complete(b);
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

}  // namespace mien::image
