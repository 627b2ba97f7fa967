// SPDX-License-Identifier: Apache-2.0
#include "mien/image/webp_chunks.h"

#include <cstdint>

namespace mien::image {
namespace {

constexpr std::size_t kFileHead = 12, kChunkHead = 8, kFrameHead = 16;
constexpr unsigned char kHasAlpha = 0x10, kIsAnimation = 0x02;

std::uint32_t little_endian(std::string_view b, std::size_t at, std::size_t count) {
  std::uint32_t value = 0;
  for (std::size_t i = count; i-- > 0;) value = value << 8 | static_cast<unsigned char>(b[at + i]);
  return value;
}

std::string bytes_of(std::uint32_t value, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += static_cast<char>(value >> 8 * i & 0xFF);
  return out;
}

std::string chunk(std::string_view name, std::string_view body) {
  std::string out = std::string(name) + bytes_of(static_cast<std::uint32_t>(body.size()), 4) + std::string(body);
  if (body.size() % 2) out += '\0';
  return out;
}

/// The body of the first chunk of that name in a row of chunks.
std::optional<std::string_view> find(std::string_view chunks, std::string_view name) {
  while (chunks.size() >= kChunkHead) {
    const std::size_t size = little_endian(chunks, 4, 4);
    if (size > chunks.size() - kChunkHead) return std::nullopt;
    if (chunks.starts_with(name)) return chunks.substr(kChunkHead, size);
    chunks.remove_prefix(std::min(chunks.size(), kChunkHead + size + size % 2));
  }
  return std::nullopt;
}

std::string_view chunks_of(std::string_view file) { return file.substr(std::min(kFileHead, file.size())); }

}  // namespace

std::string_view webp_exif(std::string_view bytes) {
  return find(chunks_of(bytes), "EXIF").value_or(std::string_view());
}

std::optional<WebpFrame> webp_first_frame(std::string_view bytes) {
  const auto head = find(chunks_of(bytes), "VP8X");
  if (!head || head->size() < 10 || !(static_cast<unsigned char>((*head)[0]) & kIsAnimation)) return std::nullopt;
  const auto frame = find(chunks_of(bytes), "ANMF");
  if (!frame || frame->size() < kFrameHead) return std::nullopt;
  const std::string_view inner = frame->substr(kFrameHead);
  std::string body;
  if (const auto alpha = find(inner, "ALPH"))
    body = chunk("VP8X", bytes_of(kHasAlpha, 4) + std::string(frame->substr(6, 6))) + chunk("ALPH", *alpha);
  if (const auto lossy = find(inner, "VP8 "))
    body += chunk("VP8 ", *lossy);
  else if (const auto lossless = find(inner, "VP8L"))
    body = chunk("VP8L", *lossless);
  else
    return std::nullopt;
  WebpFrame out;
  out.file = "RIFF" + bytes_of(static_cast<std::uint32_t>(body.size() + 4), 4) + "WEBP" + body;
  out.x = static_cast<int>(2 * little_endian(*frame, 0, 3)), out.y = static_cast<int>(2 * little_endian(*frame, 3, 3));
  out.canvas = {little_endian(*head, 4, 3) + 1, little_endian(*head, 7, 3) + 1};
  return out;
}

}  // namespace mien::image
