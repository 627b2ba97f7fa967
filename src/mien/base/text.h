// SPDX-License-Identifier: Apache-2.0
// The small text helpers that C++20 and {fmt} lack. ASCII case folding only; bytes above 127 pass through.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mien {

std::string fixed(double value, int decimals);                  ///< "85.70"
std::string percent_text(double share, int decimals = 1);       ///< 0.931 is "93.1"
std::string percent_with_sign(double share, int decimals = 1);  ///< 0.931 is "93.1 %"
std::string lower(std::string_view s);
std::string_view trim(std::string_view s);                           ///< without leading and trailing white space
std::vector<std::string> split(std::string_view s, char separator);  ///< "a,,b" gives three parts
std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// Number of characters in a UTF-8 text: "–" is one character of three bytes. The unit of {fmt}'s widths.
std::size_t num_characters(std::string_view utf8);
std::string quote(std::string_view s);  ///< 'text' in single quotes, control bytes escaped

/// Whole-string numbers, with surrounding white space allowed; nothing if other characters are left.
std::optional<long long> parse_int(std::string_view s);
std::optional<double> parse_double(std::string_view s);

/// The candidate with the smallest edit distance, if it is close enough to be a likely typing error.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);
/// "Did you mean 'x'?" or, if no candidate is near, "Valid: a, b, c."
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);

/// One cell of a CSV file: quoted if it contains a comma, a quote or a line end.
std::string csv_cell(std::string_view s);
/// The cells of one CSV line (RFC 4180 quotes; no line ends inside quotes).
std::vector<std::string> csv_split(std::string_view line);
/// Lines ended by \n, \r\n or a lone \r; a UTF-8 byte order mark at the start is dropped.
std::vector<std::string> lines_of(std::string_view content);

}  // namespace mien
