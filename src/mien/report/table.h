// SPDX-License-Identifier: Apache-2.0
// Tables: columns of text and of aligned numerals; the confusion matrix as a heat map that stays text.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/report/html.h"
#include "mien/score/intervals.h"

namespace mien::report {

struct Column {
  std::string title;
  bool numeric = false;    ///< right-aligned
  bool long_text = false;  ///< names, sentences: takes a line of its own on a phone
};
/// Rows of as many cells as there are columns; the first cell of each row is its heading. `attributes` of each row's
/// tag (Browsing::attributes()) let a reader filter and order the rows.
Html table(const std::vector<Column>& columns, const std::vector<std::vector<Html>>& rows,
           const std::vector<std::string>& attributes = {});
/// "1,234"
std::string count_text(std::int64_t count);
/// A number without a unit, three digits or so: "0.731", "-2.40", "118".
std::string number_text(double value);
/// The share in percent with its interval; "–" if it is undefined.
Html share_cell(const std::optional<score::Share>& share);

/// Support, recall, precision and F1 of each class, in percent with 95 % intervals.
Html class_table(const std::vector<score::ClassFigures>& figures, const std::vector<std::string>& classes);
/// Rows true, columns predicted; each cell has the percentage of its row above the count; deeper colour, larger share.
Html confusion_table(const score::Confusion& confusion, const std::vector<std::string>& classes);

}  // namespace mien::report
