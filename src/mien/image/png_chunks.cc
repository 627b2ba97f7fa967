// SPDX-License-Identifier: Apache-2.0
#include "mien/image/png_chunks.h"

#include <cstdint>
#include <functional>
#include <span>

#include "mien/base/crc32.h"

namespace mien::image {
namespace {

constexpr std::size_t kSignature = 8;

std::uint32_t big_endian(std::string_view b) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i) value = value << 8 | static_cast<unsigned char>(b[i]);
  return value;
}

/// Calls visit(whole chunk, type) up to and including IEND; false if the bytes end before.
bool walk(std::string_view b, const std::function<void(std::string_view, std::string_view)>& visit) {
  for (std::size_t at = kSignature; at + 12 <= b.size();) {
    const std::size_t length = std::size_t{12} + big_endian(b.substr(at));
    if (length > b.size() - at) return false;
    const std::string_view type = b.substr(at + 4, 4);
    visit(b.substr(at, length), type);
    if (type == "IEND") return true;
    at += length;
  }
  return false;
}

}  // namespace

bool png_has_end(std::string_view bytes) {
  return walk(bytes, [](auto, auto) {});
}

std::optional<std::string> png_for_decoding(std::string_view bytes) {
  std::string out(bytes.substr(0, kSignature));
  bool is_sound = true;
  const bool has_end = walk(bytes, [&](std::string_view chunk, std::string_view type) {
    if (type != "IHDR" && type != "PLTE" && type != "tRNS" && type != "eXIf" && type != "IDAT" && type != "IEND")
      return;
    is_sound = is_sound && crc32(std::as_bytes(std::span(chunk.substr(4, chunk.size() - 8)))) ==
                               big_endian(chunk.substr(chunk.size() - 4));
    out += chunk;
  });
  if (!has_end || !is_sound) return std::nullopt;
  return out;
}

}  // namespace mien::image
