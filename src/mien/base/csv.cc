// SPDX-License-Identifier: Apache-2.0
#include "mien/base/csv.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "mien/base/text.h"
#include "mien/base/utf8.h"

namespace mien {
namespace {

constexpr std::string_view kSeparators = ",;\t|";
constexpr std::string_view kUtf8Mark = "\xEF\xBB\xBF", kLittleMark = "\xFF\xFE", kBigMark = "\xFE\xFF";
constexpr std::size_t kLongestCell = 1 << 20;  // a quote closed later than this is an ordinary character

/// Code points of the bytes 0x80 to 0x9F in Windows-1252; the other bytes are those of Latin-1.
constexpr std::array<std::uint32_t, 32> kWindows1252 = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                        0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                                        0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                        0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};

bool is_utf8(std::string_view s) {
  while (!s.empty()) {
    const Utf8Character c = first_character(s);
    if (!c.valid) return false;
    s.remove_prefix(c.bytes);
  }
  return true;
}

std::string from_utf16(std::string_view s, bool big_endian) {
  std::string out;
  const auto unit = [&](std::size_t at) {
    const auto first = static_cast<unsigned char>(s[at]), second = static_cast<unsigned char>(s[at + 1]);
    return static_cast<std::uint32_t>(big_endian ? first << 8 | second : second << 8 | first);
  };
  for (std::size_t at = 0; at + 1 < s.size(); at += 2) {
    const std::uint32_t c = unit(at);
    const std::uint32_t low = at + 3 < s.size() ? unit(at + 2) : 0;
    const bool is_high = c >= 0xD800 && c < 0xDC00;
    if (is_high && low >= 0xDC00 && low < 0xE000) {
      out += utf8_of(0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00));
      at += 2;
    } else {
      out += utf8_of(c >= 0xD800 && c < 0xE000 ? kReplacementCharacter : c);
    }
  }
  return out;
}

std::string from_windows1252(std::string_view s) {
  std::string out;
  for (const char c : s) {
    const auto byte = static_cast<unsigned char>(c);
    out += utf8_of(byte >= 0x80 && byte < 0xA0 ? kWindows1252[byte - 0x80] : byte);
  }
  return out;
}

/// Latin text in UTF-16 has a zero in nearly every second byte; other text has none.
bool has_zeros_at(std::string_view s, std::size_t first) {
  const std::size_t looked = std::min<std::size_t>(s.size(), 256) / 2 * 2;
  std::size_t zeros = 0;
  for (std::size_t at = first; at < looked; at += 2) zeros += s[at] == '\0';
  return looked >= 4 && 4 * zeros >= 3 * (looked / 2);
}

/// The most frequent separator of the first row, outside quotes.
char separator_of(std::string_view text) {
  std::array<std::size_t, kSeparators.size()> counts{};
  bool quoted = false;
  for (const char c : text) {
    if (c == '"') quoted = !quoted;
    if (!quoted && (c == '\n' || c == '\r')) break;
    const auto found = kSeparators.find(c);
    if (!quoted && found != std::string_view::npos) ++counts[found];
  }
  return kSeparators[static_cast<std::size_t>(std::max_element(counts.begin(), counts.end()) - counts.begin())];
}

}  // namespace

std::string_view to_string(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::utf8:
      return "UTF-8";
    case TextEncoding::utf16:
      return "UTF-16";
    case TextEncoding::windows1252:
      return "Windows-1252";
  }
  return "UTF-8";
}

Utf8Text to_utf8(std::string_view bytes) {
  if (bytes.starts_with(kLittleMark)) return {from_utf16(bytes.substr(2), false), TextEncoding::utf16};
  if (bytes.starts_with(kBigMark)) return {from_utf16(bytes.substr(2), true), TextEncoding::utf16};
  if (has_zeros_at(bytes, 1)) return {from_utf16(bytes, false), TextEncoding::utf16};
  if (has_zeros_at(bytes, 0)) return {from_utf16(bytes, true), TextEncoding::utf16};
  if (bytes.starts_with(kUtf8Mark)) bytes.remove_prefix(kUtf8Mark.size());
  if (is_utf8(bytes)) return {std::string(bytes), TextEncoding::utf8};
  return {from_windows1252(bytes), TextEncoding::windows1252};
}

CsvReader::CsvReader(std::string_view text, char separator) : text_(text), separator_(separator) {
  if (text_.starts_with(kUtf8Mark)) text_.remove_prefix(kUtf8Mark.size());
  const std::string_view first = text_.substr(0, text_.find_first_of("\r\n"));
  if (first.size() == 5 && lower(first).starts_with("sep=")) {
    if (separator_ == 0) separator_ = first.back();
    at_ = first.size();
    end_line();
  }
  if (separator_ == 0) separator_ = separator_of(text_);
}

void CsvReader::end_line() {
  if (at_ >= text_.size()) return;
  const bool is_pair = text_[at_] == '\r' && at_ + 1 < text_.size() && text_[at_ + 1] == '\n';
  at_ += is_pair ? 2 : 1;
  ++line_;
}

/// From after the opening quote to after the closing one; false, with nothing read, if there is no closing quote.
bool CsvReader::read_quoted(std::string& cell) {
  const std::size_t end = std::min(text_.size(), at_ + kLongestCell);
  std::size_t at = at_;
  std::string content;
  for (; at < end; ++at) {
    if (text_[at] != '"') {
      content += text_[at];
      continue;
    }
    const bool is_doubled = at + 1 < text_.size() && text_[at + 1] == '"';
    if (!is_doubled) break;
    content += '"';
    ++at;
  }
  if (at >= end) return false;
  for (std::size_t i = at_; i < at; ++i) line_ += text_[i] == '\n' || (text_[i] == '\r' && text_[i + 1] != '\n');
  at_ = at + 1;
  cell = std::move(content);
  return true;
}

void CsvReader::read_plain(std::string& cell) {
  while (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\n' && text_[at_] != '\r')
    cell += text_[at_++];
}

std::optional<CsvRow> CsvReader::next() {
  while (at_ < text_.size()) {
    CsvRow row{line_, {}};
    bool is_blank = true;
    while (true) {
      std::string cell, rest;
      while (at_ < text_.size() && text_[at_] != separator_ && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
      bool is_quoted = false;
      if (at_ < text_.size() && text_[at_] == '"') {
        ++at_;
        is_quoted = read_quoted(cell);
      }
      read_plain(rest);
      is_blank = is_blank && !is_quoted && trim(rest).empty();
      row.cells.push_back(is_quoted ? cell + std::string(trim(rest)) : std::string(trim(rest)));
      const bool ends_here = at_ >= text_.size() || text_[at_] != separator_;
      if (ends_here) break;
      ++at_;
    }
    end_line();
    if (!is_blank) return row;
  }
  return std::nullopt;
}

}  // namespace mien
