// SPDX-License-Identifier: Apache-2.0
#include "mien/report/table.h"

#include <fmt/core.h>

#include <cmath>

#include <algorithm>

#include "mien/base/text.h"

namespace mien::report {
namespace {

std::string class_of(const Column& c) { return c.long_text ? " class=\"long\"" : c.numeric ? " class=\"number\"" : ""; }

Html matrix_cell(std::int64_t count, std::int64_t row_sum, const std::string& meaning) {
  const std::string title = " title=\"" + escape(meaning).str() + "\"";
  if (row_sum == 0) return tag("td class=\"none\" style=\"--share:0\"" + title, "–");
  const double share = static_cast<double>(count) / static_cast<double>(row_sum);
  if (count == 0) return tag("td class=\"none\" style=\"--share:0\"" + title, "0");
  // Half a per cent and more is seen; above 55 % the ground is dark enough for paper-coloured figures.
  const std::string style =
      fmt::format("{}style=\"--share:{:.3f}\"", share > 0.55 ? "td class=\"deep\" " : "td ", 0.06 + 0.94 * share);
  return tag(style + title, escape(percent_text(share)) + tag("small", count_text(count)));
}

}  // namespace

std::string count_text(std::int64_t count) {
  std::string digits = std::to_string(count);
  for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > (count < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<std::size_t>(at), ",");
  return digits;
}

std::string number_text(double value) {
  const double size = std::abs(value);
  return fixed(size < 0.0005 ? 0 : value, size >= 99.95 ? 0 : size >= 9.995 ? 1 : size >= 0.9995 ? 2 : 3);
}

Html share_cell(const std::optional<score::Share>& share) {
  if (!share) return escape("–") + tag("span class=\"interval\"", Html());
  return escape(percent_text(share->value)) +
         tag("span class=\"interval\"", percent_text(share->interval.low) + "–" + percent_text(share->interval.high));
}

Html table(const std::vector<Column>& columns, const std::vector<std::vector<Html>>& rows,
           const std::vector<std::string>& attributes) {
  Html head, body;
  for (const auto& c : columns) head += tag("th scope=\"col\"" + class_of(c), c.title);
  for (std::size_t r = 0; r < rows.size(); ++r) {
    Html cells;
    for (std::size_t i = 0; i < rows[r].size(); ++i)
      cells += tag((i == 0 ? "th scope=\"row\"" : "td") + class_of(columns[i]), rows[r][i]);
    body += tag("tr" + (attributes.empty() ? "" : attributes[r]), cells) + Html::raw("\n");
  }
  const auto num_short = std::count_if(columns.begin(), columns.end(), [](const auto& c) { return !c.long_text; });
  const bool stacks = num_short < static_cast<std::ptrdiff_t>(columns.size());
  const std::string opening =
      fmt::format("table class=\"wide{}{}\" style=\"--columns:{};--all-columns:{}\"", stacks ? " stacks" : "",
                  attributes.empty() ? "" : " ordered", std::max<std::ptrdiff_t>(1, num_short), columns.size());
  return tag("div class=\"scroll\"", tag(opening, tag("thead", tag("tr", head)) + tag("tbody", body)));
}

Html class_table(const std::vector<score::ClassFigures>& figures, const std::vector<std::string>& classes) {
  std::vector<std::vector<Html>> rows;
  for (std::size_t k = 0; k < figures.size(); ++k) {
    const auto& f = figures[k];
    rows.push_back({escape(classes[k]), escape(count_text(f.pictures)), share_cell(f.recall), share_cell(f.precision),
                    share_cell(f.f1)});
  }
  return table({{"class", false}, {"pictures", true}, {"recall, %", true}, {"precision, %", true}, {"F1, %", true}},
               rows);
}

Html confusion_table(const score::Confusion& confusion, const std::vector<std::string>& classes) {
  Html head = tag("th scope=\"col\"", "true ↓ predicted →"), body;
  for (const auto& name : classes) head += tag("th scope=\"col\"", tag("span", name));
  for (std::size_t i = 0; i < classes.size(); ++i) {
    Html row = tag("th scope=\"row\"", classes[i]);
    for (std::size_t j = 0; j < classes.size(); ++j)
      row += matrix_cell(confusion.at(i, j), confusion.row_sum(i),
                         fmt::format("{} of {} {} predicted as {}", count_text(confusion.at(i, j)),
                                     count_text(confusion.row_sum(i)), classes[i], classes[j]));
    body += tag("tr", row) + Html::raw("\n");
  }
  return tag("div class=\"scroll\"", tag("table class=\"matrix\"", tag("thead", tag("tr", head)) + tag("tbody", body)));
}

}  // namespace mien::report
