// SPDX-License-Identifier: Apache-2.0
#include "mien/base/columns.h"

#include <algorithm>

namespace mien {
namespace {

std::string gap(std::string_view utf8, std::size_t width) {
  return std::string(width - std::min(width, num_characters(utf8)), ' ');
}

}  // namespace

std::size_t num_characters(std::string_view utf8) {
  const auto starts =
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return static_cast<std::size_t>(starts);
}

std::string left_aligned(std::string_view utf8, std::size_t width) { return std::string(utf8) + gap(utf8, width); }

std::string right_aligned(std::string_view utf8, std::size_t width) { return gap(utf8, width) + std::string(utf8); }

}  // namespace mien
