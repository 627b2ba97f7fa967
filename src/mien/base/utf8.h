// SPDX-License-Identifier: Apache-2.0
// UTF-8, character by character (RFC 3629: no overlong forms, no surrogates).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace mien {

inline constexpr std::uint32_t kReplacementCharacter = 0xFFFD;

struct Utf8Character {
  std::uint32_t code = kReplacementCharacter;
  std::size_t bytes = 1;
  bool valid = false;
};

/// The first character of a text that is not empty; an invalid one is one byte long and counts as U+FFFD.
Utf8Character first_character(std::string_view text);

/// 1 to 4 bytes. `code` is at most U+10FFFF and not a surrogate.
std::string utf8_of(std::uint32_t code);

}  // namespace mien
