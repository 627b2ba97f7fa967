// SPDX-License-Identifier: Apache-2.0
#include "mien/report/png.h"

#include <algorithm>
#include <span>
#include <string_view>

#include "mien/base/crc32.h"
#include "mien/base/error.h"

namespace mien::report {
namespace {

std::string big_endian(std::uint32_t v) {
  return {static_cast<char>(v >> 24), static_cast<char>(v >> 16), static_cast<char>(v >> 8), static_cast<char>(v)};
}

std::uint32_t adler32(std::string_view bytes) {
  std::uint32_t a = 1, b = 0;
  for (const char c : bytes) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  return b << 16 | a;
}

/// A zlib stream of stored blocks (RFC 1950, RFC 1951 section 3.2.4).
std::string stored(std::string_view raw) {
  std::string out = "\x78\x01";
  for (std::size_t begin = 0; begin < raw.size(); begin += 65535) {
    const std::size_t n = std::min<std::size_t>(65535, raw.size() - begin);
    out += begin + n == raw.size() ? '\1' : '\0';
    for (const std::size_t length : {n, ~n}) out += {static_cast<char>(length), static_cast<char>(length >> 8)};
    out += raw.substr(begin, n);
  }
  return out + big_endian(adler32(raw));
}

std::string chunk(const std::string& type, const std::string& data) {
  const std::string covered = type + data;
  return big_endian(static_cast<std::uint32_t>(data.size())) + covered +
         big_endian(crc32(std::as_bytes(std::span(covered))));
}

}  // namespace

Pixels shrunk(const Pixels& p, int side) {
  const int factor = (std::max(p.width, p.height) + side - 1) / std::max(1, side);
  if (factor <= 1) return p;
  Pixels out{p.width / factor, p.height / factor, p.channels, {}};
  for (int y = 0; y < out.height; ++y)
    for (int x = 0; x < out.width; ++x)
      for (int c = 0; c < p.channels; ++c) {
        int sum = 0;
        for (int dy = 0; dy < factor; ++dy)
          for (int dx = 0; dx < factor; ++dx)
            sum += p.values[static_cast<std::size_t>(((y * factor + dy) * p.width + x * factor + dx) * p.channels + c)];
        out.values.push_back(static_cast<std::uint8_t>((sum + factor * factor / 2) / (factor * factor)));
      }
  return out;
}

std::string encode_png(const Pixels& p) {
  const bool fits = p.width > 0 && p.height > 0 && (p.channels == 1 || p.channels == 3) &&
                    p.values.size() == static_cast<std::size_t>(p.width) * static_cast<std::size_t>(p.height) *
                                           static_cast<std::size_t>(p.channels);
  check_input(fits, "The pixels of a thumbnail do not match its size.");
  const auto row_bytes = static_cast<std::size_t>(p.width * p.channels);
  std::string rows;
  for (std::size_t y = 0; y < static_cast<std::size_t>(p.height); ++y) {
    rows += '\0';  // filter: none
    rows.append(reinterpret_cast<const char*>(p.values.data()) + y * row_bytes, row_bytes);
  }
  const std::string header = big_endian(static_cast<std::uint32_t>(p.width)) +
                             big_endian(static_cast<std::uint32_t>(p.height)) +
                             std::string{8, static_cast<char>(p.channels == 1 ? 0 : 2), 0, 0, 0};
  return "\x89PNG\r\n\x1a\n" + chunk("IHDR", header) + chunk("IDAT", stored(rows)) + chunk("IEND", "");
}

}  // namespace mien::report
