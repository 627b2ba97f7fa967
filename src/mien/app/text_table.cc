// SPDX-License-Identifier: Apache-2.0
#include "mien/app/text_table.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/text.h"

namespace mien::app {
namespace {

std::string line(const std::vector<TextColumn>& columns, const std::vector<std::size_t>& widths,
                 const std::vector<std::string>& cells) {
  std::string out;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (i > 0) out += "  ";
    out +=
        columns[i].is_number ? fmt::format("{:>{}}", cells[i], widths[i]) : fmt::format("{:<{}}", cells[i], widths[i]);
  }
  out.erase(out.find_last_not_of(' ') + 1);
  return out + "\n";
}

}  // namespace

std::string text_table(const std::vector<TextColumn>& columns, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::string> titles;
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::size_t width = num_characters(columns[i].title);
    for (const auto& row : rows) width = std::max(width, num_characters(row.at(i)));
    titles.push_back(columns[i].title);
    widths.push_back(width);
  }
  std::string out = line(columns, widths, titles);
  for (const auto& row : rows) out += line(columns, widths, row);
  return out;
}

}  // namespace mien::app
