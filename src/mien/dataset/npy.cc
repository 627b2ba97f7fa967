// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/npy.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "mien/base/csv.h"
#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::dataset {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr const char* kNpyRemedy = "Save the value with numpy.save as text or as a number.";

/// The value of a key in the header, "{'descr': '<U1', 'fortran_order': False, 'shape': (), }", up to `end`.
std::string_view after_key(std::string_view header, std::string_view key, std::string_view begin, char end) {
  const auto at = header.find(key);
  const auto first = at == std::string_view::npos ? at : header.find(begin, at + key.size());
  if (first == std::string_view::npos) return {};
  const auto rest = header.substr(first + begin.size());
  return rest.substr(0, rest.find(end));
}

/// The bytes of one element, lowest byte first.
std::string in_order(std::string_view data, bool big_endian, std::size_t unit) {
  std::string out(data);
  for (std::size_t at = 0; big_endian && at + unit <= out.size(); at += unit)
    std::reverse(out.begin() + static_cast<std::ptrdiff_t>(at), out.begin() + static_cast<std::ptrdiff_t>(at + unit));
  return out;
}

template <typename T>
T value_of(const std::string& bytes) {
  T value;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

std::string integer_text(const std::string& bytes, bool is_signed) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  const auto unused = static_cast<int>(64 - 8 * bytes.size());
  if (is_signed) return std::to_string(static_cast<std::int64_t>(value << unused) >> unused);
  return std::to_string(value);
}

/// Code points of four bytes each; the padding after the text is zero.
std::string utf32_text(const std::string& bytes) {
  std::string utf16;
  for (std::size_t at = 0; at + 4 <= bytes.size(); at += 4) {
    if (value_of<std::uint32_t>(bytes.substr(at, 4)) == 0) break;
    utf16 += bytes.substr(at, 2);  // class names are ASCII; characters beyond the basic plane do not occur in them
  }
  return to_utf8("\xFF\xFE" + utf16).text;
}

}  // namespace

std::string npy_value(std::string_view bytes, const std::string& origin) {
  check_input(bytes.starts_with(kMagic) && bytes.size() >= 12, origin + ": not a NumPy array.", kNpyRemedy);
  const std::size_t length_bytes = bytes[6] == 1 ? 2 : 4;
  std::size_t length = 0;
  for (std::size_t i = length_bytes; i-- > 0;) length = length << 8 | static_cast<unsigned char>(bytes[8 + i]);
  const std::size_t begin = 8 + length_bytes;
  check_input(length <= bytes.size() - begin, origin + ": the NumPy array is truncated.", "Copy or download it again.");
  const std::string_view header = bytes.substr(begin, length);
  const std::string type(after_key(header, "'descr'", "'", '\''));
  const std::string shape(trim(after_key(header, "'shape'", "(", ')')));
  check_input(type.find('O') == std::string::npos,
              origin + ": an array of Python objects, which mien never reads; nothing was run.", kNpyRemedy);
  check_input(shape.empty() || shape == "1" || shape == "1,",
              fmt::format("{}: an array of shape ({}), expected one value.", origin, shape), kNpyRemedy);
  const long long size = type.size() < 3 ? 0 : parse_int(type.substr(2)).value_or(0);
  check_input(size >= 1 && size <= 4096, fmt::format("{}: an array of type {}.", origin, quote(type)), kNpyRemedy);
  const bool is_utf32 = type[1] == 'U';
  const auto unit = static_cast<std::size_t>(size), all = is_utf32 ? 4 * unit : unit;
  check_input(bytes.size() - begin - length >= all, origin + ": the NumPy array is truncated.",
              "Copy or download it again.");
  const bool is_text = is_utf32 || type[1] == 'S';
  const std::string data =
      in_order(bytes.substr(begin + length, all), type[0] == '>', is_text ? (is_utf32 ? 4 : 1) : unit);
  if (is_utf32) return utf32_text(data);
  if (type[1] == 'S') return data.substr(0, data.find('\0'));
  if ((type[1] == 'i' || type[1] == 'u') && unit <= 8) return integer_text(data, type[1] == 'i');
  if (type[1] == 'f' && unit == 4) return fmt::format("{:g}", value_of<float>(data));
  if (type[1] == 'f' && unit == 8) return fmt::format("{:g}", value_of<double>(data));
  fail_input(fmt::format("{}: an array of type {}.", origin, quote(type)), kNpyRemedy);
}

}  // namespace mien::dataset
