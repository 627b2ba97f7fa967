// SPDX-License-Identifier: Apache-2.0
#include "mien/base/csv.h"

#include <gtest/gtest.h>

#include "mien/base/text.h"

namespace mien {
namespace {

using Cells = std::vector<std::string>;

std::vector<CsvRow> rows_of(std::string_view text, char separator = 0) {
  std::vector<CsvRow> rows;
  CsvReader reader(text, separator);
  while (auto row = reader.next()) rows.push_back(std::move(*row));
  return rows;
}

TEST(Csv, CellsWithLineBreaksAndTheLinesThatFollow) {
  const auto rows = rows_of("a,\"two\r\nlines\",b\n\n  ,\nx , \" y \",\"say \"\"hi\"\"\"\r,,\rlast");
  ASSERT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows[0].cells, (Cells{"a", "two\r\nlines", "b"}));
  EXPECT_EQ(rows[1].cells, (Cells{"x", " y ", "say \"hi\""}));
  EXPECT_EQ(rows[1].line, 5u);
  EXPECT_EQ(rows[2].cells, (Cells{"last"}));
  EXPECT_EQ(rows[2].line, 7u);
}

TEST(Csv, WhatIsWrittenIsReadBack) {
  for (const std::string name : {"plain", "a,b", "line\nbreak", "lone\rreturn", " spaces ", "\"", "tab\there",
                                 "semi;colon", "bar|", "é 한", ""}) {
    const auto rows = rows_of("1," + csv_cell(name) + ",end\n", ',');
    ASSERT_EQ(rows.size(), 1u) << quote(name);
    EXPECT_EQ(rows[0].cells, (Cells{"1", name, "end"})) << quote(name);
  }
}

TEST(Csv, AQuoteThatIsNeverClosedEndsWithItsLine) {
  const auto rows = rows_of("a,\"b,c\nd,e\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].cells, (Cells{"a", "b", "c"}));
  EXPECT_EQ(rows[1].cells, (Cells{"d", "e"}));
}

TEST(Csv, FindsTheSeparator) {
  EXPECT_EQ(CsvReader("path;label\na,b.png;1").separator(), ';');
  EXPECT_EQ(CsvReader("path\tlabel").separator(), '\t');
  EXPECT_EQ(CsvReader("path|label").separator(), '|');
  EXPECT_EQ(CsvReader("\"a;b;c\",label").separator(), ',');
  EXPECT_EQ(CsvReader("path").separator(), ',');
  const auto rows = rows_of("\xEF\xBB\xBFsep=;\r\npath;label\r\n");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].cells, (Cells{"path", "label"}));
  EXPECT_EQ(rows[0].line, 2u);
}

TEST(Csv, EncodingsOfSpreadsheets) {
  using namespace std::string_literals;
  EXPECT_EQ(to_utf8("\xEF\xBB\xBF\xC3\xA9").text, "é");
  EXPECT_EQ(to_utf8("\xFF\xFE\xE9\0;\0"s).text, "é;");
  EXPECT_EQ(to_utf8("\xFE\xFF\0\xE9\xD8\x3D\xDE\x00"s).text, "é😀");
  EXPECT_EQ(to_utf8("a\0,\0b\0"s).text, "a,b");      // no mark
  EXPECT_EQ(to_utf8("\xE9\x80,\x92").text, "é€,’");  // Windows-1252
  EXPECT_EQ(to_utf8("\xE9").encoding, TextEncoding::windows1252);
  EXPECT_EQ(to_utf8("\xED\xA0\x80").encoding, TextEncoding::windows1252);  // a lone surrogate is not UTF-8
  EXPECT_EQ(to_utf8("\xC3\xA9").encoding, TextEncoding::utf8);
  EXPECT_EQ(to_utf8("").text, "");
}

}  // namespace
}  // namespace mien
