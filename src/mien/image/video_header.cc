// SPDX-License-Identifier: Apache-2.0
#include "mien/image/video_header.h"

#include <algorithm>
#include <array>

namespace mien::image {
namespace {

using namespace std::string_view_literals;

constexpr std::array kStarts = {
    "\x1A\x45\xDF\xA3"sv,                  // EBML: Matroska, WebM
    "\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv,  // ASF: WMV
    "FLV\x01"sv,
    ".RMF"sv,              // RealMedia
    "\x06\x0E\x2B\x34"sv,  // MXF
    "YUV4MPEG2 "sv,
    "\0\0\x01\xBA"sv,  // MPEG program stream
    "\0\0\x01\xB3"sv,  // MPEG video
};
/// First atoms of QuickTime files without a file type.
constexpr std::array kAtoms = {"moov"sv, "mdat"sv, "wide"sv, "free"sv, "skip"sv, "pnot"sv};
constexpr char kSync = 0x47;  ///< begins each packet of an MPEG transport stream, 188 bytes; 192 with a time stamp

bool has_sync(std::string_view bytes, std::size_t first, std::size_t packet) {
  return bytes.size() > first + packet && bytes[first] == kSync && bytes[first + packet] == kSync;
}

}  // namespace

bool is_video(std::string_view bytes) {
  if (std::any_of(kStarts.begin(), kStarts.end(), [&](auto start) { return bytes.starts_with(start); })) return true;
  if (bytes.size() >= 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "AVI ") return true;
  if (bytes.size() >= 8 && std::find(kAtoms.begin(), kAtoms.end(), bytes.substr(4, 4)) != kAtoms.end()) return true;
  if (bytes.starts_with("OggS") && bytes.substr(0, 256).find("theora") != std::string_view::npos) return true;
  return has_sync(bytes, 0, 188) || has_sync(bytes, 4, 192);
}

}  // namespace mien::image
