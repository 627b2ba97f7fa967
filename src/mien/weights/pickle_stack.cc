// SPDX-License-Identifier: Apache-2.0
#include "mien/weights/pickle_stack.h"

#include <fmt/core.h>

#include <bit>

namespace mien::weights {

bool PickleStack::step_number(std::uint8_t code) {
  switch (code) {
    case 'N':
      push(Kind::none);
      return true;
    case 0x88:
      push(Kind::boolean).integer = 1;
      return true;
    case 0x89:
      push(Kind::boolean);
      return true;
    case 'J':
      push_integer(take<std::int32_t>());
      return true;
    case 'K':
      push_integer(take<std::uint8_t>());
      return true;
    case 'M':
      push_integer(take<std::uint16_t>());
      return true;
    case 0x8a:
      push_long();
      return true;  // LONG1
    case 'G':
      push(Kind::real).real = std::bit_cast<double>(__builtin_bswap64(take<std::uint64_t>()));
      return true;  // big-endian
    case 'X':
      push_text(take_text(take<std::uint32_t>()));
      return true;  // BINUNICODE
    case 'U':
    case 0x8c:
      push_text(take_text(take<std::uint8_t>()));
      return true;  // SHORT_BINSTRING, SHORT_BINUNICODE
    case 0x8d:
      push_text(take_text(take<std::uint64_t>()));
      return true;  // BINUNICODE8
    default:
      return false;
  }
}

void PickleStack::push_long() {
  const auto size = take<std::uint8_t>();
  const auto digits = take_text(size);
  check_input(size <= 8, fmt::format("{}: an integer of {} bytes; the limit is 8.", where(), static_cast<int>(size)));
  std::uint64_t value = size && (static_cast<unsigned char>(digits.back()) & 0x80) ? ~std::uint64_t{0} : 0;  // sign
  for (std::size_t i = digits.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(digits[i]);
  push_integer(static_cast<std::int64_t>(value));
}

}  // namespace mien::weights
