// SPDX-License-Identifier: Apache-2.0
// The report of an import, as text and as JSON.
#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/method/import.h"

namespace mien::method {
namespace {

void count_line(std::string& message, const char* what, const std::vector<std::string>& names) {
  if (names.empty()) return;
  message += fmt::format("{}{} {} ({}{})", message.empty() ? "" : ", ", names.size(), what, names.front(),
                         names.size() > 1 ? ", ..." : "");
}

void rows_of(std::vector<std::string>& lines, const char* kind, const std::vector<std::string>& names,
             std::size_t most) {
  std::string label = kind;
  label.resize(14, ' ');
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) lines.push_back("  " + label + names[i]);
  if (names.size() > most) lines.push_back(fmt::format("  {}... and {} more", label, names.size() - most));
}

}  // namespace

void require_complete(const ImportReport& report, const std::string& what) {
  if (report.complete()) return;
  std::string counts;
  count_line(counts, "missing", report.missing);
  count_line(counts, "unexpected", report.unexpected);
  count_line(counts, "of another shape", report.mismatched);
  fail_input(fmt::format("{}: the weights do not fit {}: {}.", report.origin, what, counts),
             fmt::format("Check that method, classes and configuration (heads, width) match the file, or load what "
                         "fits with --lenient. {}--strip PREFIX removes a prefix from the file's keys.",
                         report.entries.empty() ? ""
                                                : fmt::format("The file also contains {}: select one with --entry. ",
                                                              join(report.entries, ", "))));
}

std::vector<std::string> describe(const ImportReport& r, std::size_t rows) {
  std::vector<std::string> lines;
  std::string head = fmt::format("{}: {}{}: {} of {} entries loaded", r.origin, r.format,
                                 r.entry.empty() ? "" : fmt::format(", entry {}", r.entry), r.loaded, r.in_network);
  head += fmt::format(", {} missing, {} unexpected, {} of another shape", r.missing.size(), r.unexpected.size(),
                      r.mismatched.size());
  if (!r.excused.empty()) head += fmt::format(", {} optional and missing", r.excused.size());
  if (!r.converted.empty()) head += fmt::format(", {} converted ({})", r.converted.size(), r.converted.front());
  lines.push_back(head);
  rows_of(lines, "missing", r.missing, rows);
  rows_of(lines, "unexpected", r.unexpected, rows);
  rows_of(lines, "other shape", r.mismatched, rows);
  rows_of(lines, "not a tensor", r.others, rows);
  return lines;
}

Json to_json(const ImportReport& r) {
  return {{"file", r.origin},           {"format", r.format},         {"entry", r.entry},
          {"entries", r.in_network},    {"loaded", r.loaded},         {"missing", r.missing},
          {"unexpected", r.unexpected}, {"mismatched", r.mismatched}, {"excused", r.excused},
          {"converted", r.converted},   {"others", r.others},         {"other_entries", r.entries},
          {"complete", r.complete()}};
}

}  // namespace mien::method
