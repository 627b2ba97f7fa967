// SPDX-License-Identifier: Apache-2.0
// Tables in text form, as written by programs and spreadsheets: RFC 4180 with any separator, line ends and encoding.
// csv_cell (base/text.h) writes what this reads.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace mien {

enum class TextEncoding { utf8, utf16, windows1252 };
std::string_view to_string(TextEncoding encoding);

struct Utf8Text {
  std::string text;
  TextEncoding encoding = TextEncoding::utf8;  ///< encoding of the original
};
/// Text as UTF-8 without a byte order mark. UTF-16 is recognised by its mark or its zero bytes; text that is neither
/// UTF-16 nor valid UTF-8 is taken as Windows-1252.
Utf8Text to_utf8(std::string_view bytes);

struct CsvRow {
  std::size_t line = 0;  ///< first line of the row, counted from 1
  std::vector<std::string> cells;
};

/// The rows of a table, one by one. A quoted cell may contain separators, line ends and doubled quotes and is kept
/// as it is; other cells lose surrounding white space. A quote that is never closed ends with its line. Blank lines are
/// skipped.
class CsvReader {
 public:
  /// `text` must outlive the reader. Separator 0: comma, semicolon, tab or bar, whichever is most frequent in the
  /// first row; a first line "sep=;", as written by spreadsheets, gives the separator and is skipped.
  explicit CsvReader(std::string_view text, char separator = 0);
  std::optional<CsvRow> next();
  char separator() const { return separator_; }

 private:
  bool read_quoted(std::string& cell);
  void read_plain(std::string& cell);
  void end_line();

  std::string_view text_;
  std::size_t at_ = 0, line_ = 1;
  char separator_;
};

}  // namespace mien
