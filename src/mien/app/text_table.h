// SPDX-License-Identifier: Apache-2.0
// A table for a terminal.
#pragma once

#include <string>
#include <vector>

namespace mien::app {

struct TextColumn {
  std::string title;
  bool is_number = false;  ///< right-aligned
};

/// One line per row below a line of titles; columns are as wide as their widest cell and two spaces apart. Every row
/// has a cell per column.
std::string text_table(const std::vector<TextColumn>& columns, const std::vector<std::vector<std::string>>& rows);

}  // namespace mien::app
