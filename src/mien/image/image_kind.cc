// SPDX-License-Identifier: Apache-2.0
// Recognises the kind of a file by its first bytes.
#include <fmt/core.h>

#include <algorithm>
#include <cctype>

#include "mien/base/stand_in.h"
#include "mien/base/text.h"
#include "mien/image/codec.h"
#include "mien/image/video_header.h"

namespace mien::image {
namespace {

using namespace std::string_view_literals;

std::string kind_of_container(std::string_view brand) {  // ISO base media: "ftyp" + brand
  for (const auto heic : {"heic"sv, "heix"sv, "hevc"sv, "heim"sv, "heis"sv, "mif1"sv, "msf1"sv})
    if (brand == heic) return "HEIC";
  if (brand == "avif" || brand == "avis") return "AVIF";
  return "a video file";
}

bool looks_like_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u >= 32 || c == '\n' || c == '\r' || c == '\t';
  });
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
  if (b.starts_with("GIF87a") || b.starts_with("GIF89a")) return "GIF";
  if (b.size() >= 12 && b.substr(4, 4) == "ftyp") return kind_of_container(b.substr(8, 4));
  if (is_video(b)) return "a video file";
  if (const auto stand_in = stand_in_kind(b); !stand_in.empty())
    return fmt::format("{}, not the picture itself", stand_in);
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
  for (const auto known : {"JPEG"sv, "PNG"sv, "BMP"sv, "WebP"sv, "TIFF"sv, "GIF"sv, "HEIC"sv, "AVIF"sv})
    if (kind == known) return {Content::picture, kind};
  // Text may begin with "P1 " too.
  if (kind == "PNM")
    return has_pnm_header(head) ? ContentKind{Content::picture, kind} : ContentKind{Content::other, "text file"};
  if (head.starts_with("\x93NUMPY")) return {Content::other, "NumPy array"};
  if (kind == "empty") return {Content::other, "empty file"};
  if (kind == "not a picture") return {Content::other, "other file"};
  for (const auto article : {"a "sv, "an "sv})
    if (kind.starts_with(article)) kind.erase(0, article.size());
  if (kind == "video file") return {Content::video, kind};
  const bool is_picture = kind.ends_with(" picture");
  return {is_picture ? Content::foreign_picture : Content::other, kind};
}

}  // namespace mien::image
