// SPDX-License-Identifier: Apache-2.0
#include "mien/score/evaluation_report.h"

#include <sstream>

#include "mien/base/columns.h"
#include "mien/base/text.h"

namespace mien::score {
namespace {

constexpr std::size_t kName = 11, kCell = 11;

std::string percent(double share) { return percent_with_sign(share, 2); }

std::string share_of(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? "–" : fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1);
}

template <typename Value>
void write_matrix(std::ostringstream& out, const Evaluation& e, const std::string& title, const Value& value) {
  out << "\n" << title << "\n" << std::string(kName, ' ');
  for (const auto& name : e.classes) out << right_aligned(name, kCell);
  out << "\n";
  for (std::size_t i = 0; i < e.classes.size(); ++i) {
    out << left_aligned(e.classes[i], kName);
    for (std::size_t j = 0; j < e.classes.size(); ++j) out << right_aligned(value(i, j), kCell);
    out << "\n";
  }
}

void write_classes(std::ostringstream& out, const Evaluation& e) {
  out << "\n" << left_aligned("class", kName);
  for (const char* title : {"pictures", "recall %", "precision %"}) out << right_aligned(title, kCell + 1);
  out << "\n";
  for (std::size_t i = 0; i < e.classes.size(); ++i)
    out << left_aligned(e.classes[i], kName) << right_aligned(std::to_string(e.confusion.row_sum(i)), kCell + 1)
        << right_aligned(share_of(e.confusion.at(i, i), e.confusion.row_sum(i)), kCell + 1)
        << right_aligned(share_of(e.confusion.at(i, i), e.confusion.column_sum(i)), kCell + 1) << "\n";
}

}  // namespace

Json report_json(const Evaluation& evaluation, const Facts& facts) {
  Json json = {{"model", facts.model}, {"data", facts.data}, {"split", facts.split}, {"label_rule", facts.label_rule}};
  json.update(to_json(evaluation));
  json["command"] = facts.command;
  json["seed"] = facts.seed;
  return json;
}

std::string report_text(const Evaluation& e, const Facts& facts) {
  std::ostringstream out;
  out << facts.model << " on " << facts.data << ", " << facts.split << ", " << e.samples << " pictures, labels by rule "
      << facts.label_rule << "\n"
      << "accuracy      " << percent(e.accuracy) << "  (95 % interval " << percent(e.accuracy_interval.low) << " to "
      << percent(e.accuracy_interval.high) << ")\n"
      << "mean recall   " << percent(e.mean_recall) << "\n"
      << "macro F1      " << percent(e.macro_f1) << "\n"
      << "ECE           " << percent(e.ece) << "\n"
      << "NLL           " << fixed(e.nll, 4) << " nats; KL from the label distribution " << fixed(e.kl_votes, 4)
      << "\n";
  if (e.abstain)
    out << "answered      " << percent(e.selection.coverage) << " of the pictures, with a confidence of "
        << fixed(e.abstain->threshold, 4) << " or more\n"
        << "risk          " << percent(e.selection.risk) << " of the predictions are wrong  (95 % interval "
        << percent(e.selection.risk_interval.low) << " to " << percent(e.selection.risk_interval.high)
        << "; the calibration guarantees at most " << percent(e.abstain->risk) << ")\n";
  write_classes(out, e);
  write_matrix(out, e, "counts (row: true class, column: predicted class)",
               [&](std::size_t i, std::size_t j) { return std::to_string(e.confusion.at(i, j)); });
  write_matrix(out, e, "percent of the row",
               [&](std::size_t i, std::size_t j) { return share_of(e.confusion.at(i, j), e.confusion.row_sum(i)); });
  for (const auto& breakdown : e.by) out << to_text(breakdown);
  for (const auto& hint : e.hints) out << "\nnote: " << hint << ".\n";
  return out.str();
}

}  // namespace mien::score
