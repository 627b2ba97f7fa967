// SPDX-License-Identifier: Apache-2.0
#include "mien/base/utf8.h"

namespace mien {
namespace {

/// Length by the first byte; 0 if no character begins with it.
std::size_t length_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

}  // namespace

Utf8Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const std::size_t length = length_of(lead);
  if (length == 1) return {lead, 1, true};
  if (length == 0 || text.size() < length) return {};
  std::uint32_t code = lead & (0xFFu >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return {};
    code = code << 6 | (byte(i) & 0x3Fu);
  }
  constexpr std::uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF)) return {};
  return {code, length, true};
}

std::string utf8_of(std::uint32_t code) {
  if (code < 0x80) return {static_cast<char>(code)};
  std::size_t more = 3;
  if (code < 0x10000) more = 2;
  if (code < 0x800) more = 1;
  std::string out{static_cast<char>((0xFF00u >> (more + 1) & 0xFFu) | code >> (6 * more))};
  for (std::size_t k = more; k-- > 0;) out += static_cast<char>(0x80u | (code >> (6 * k) & 0x3Fu));
  return out;
}

}  // namespace mien
