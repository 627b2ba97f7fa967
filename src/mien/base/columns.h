// SPDX-License-Identifier: Apache-2.0
// Cells of a table for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mien {

/// Number of characters of a UTF-8 text: "–" is one character of three bytes.
std::size_t num_characters(std::string_view utf8);
/// The text with spaces behind it, `width` characters in all; a longer text stays as it is.
std::string left_aligned(std::string_view utf8, std::size_t width);
/// The same with the spaces in front.
std::string right_aligned(std::string_view utf8, std::size_t width);

}  // namespace mien
