// SPDX-License-Identifier: Apache-2.0
#include "mien/score/evaluation_report.h"

#include <fmt/core.h>

#include "mien/base/text.h"

namespace mien::score {
namespace {

std::string row_share(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? "–" : fixed(100.0 * static_cast<double>(part) / static_cast<double>(whole), 1);
}

template <typename Value>
std::string matrix_text(const Evaluation& e, std::string_view title, const Value& value) {
  std::string out = fmt::format("\n{}\n{:11}", title, "");
  for (const auto& name : e.classes) out += fmt::format("{:>11}", name);
  out += "\n";
  for (std::size_t i = 0; i < e.classes.size(); ++i) {
    out += fmt::format("{:<11}", e.classes[i]);
    for (std::size_t j = 0; j < e.classes.size(); ++j) out += fmt::format("{:>11}", value(i, j));
    out += "\n";
  }
  return out;
}

std::string classes_text(const Evaluation& e) {
  std::string out = fmt::format("\n{:<11}{:>12}{:>12}{:>12}\n", "class", "pictures", "recall %", "precision %");
  for (std::size_t i = 0; i < e.classes.size(); ++i) {
    const auto right = e.confusion.at(i, i), support = e.confusion.row_sum(i);
    out += fmt::format("{:<11}{:>12}{:>12}{:>12}\n", e.classes[i], support, row_share(right, support),
                       row_share(right, e.confusion.column_sum(i)));
  }
  return out;
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
  std::string out = fmt::format(
      "{} on {}, {}, {} pictures, labels by rule {}\n"
      "accuracy      {}  (95 % interval {} to {})\n"
      "mean recall   {}\n"
      "macro F1      {}\n"
      "ECE           {}\n"
      "NLL           {:.4f} nats; KL from the label distribution {:.4f}\n",
      facts.model, facts.data, facts.split, e.samples, facts.label_rule, percent_with_sign(e.accuracy, 2),
      percent_with_sign(e.accuracy_interval.low, 2), percent_with_sign(e.accuracy_interval.high, 2),
      percent_with_sign(e.mean_recall, 2), percent_with_sign(e.macro_f1, 2), percent_with_sign(e.ece, 2), e.nll,
      e.kl_votes);
  if (e.abstain)
    out += fmt::format(
        "answered      {} of the pictures, with a confidence of {:.4f} or more\n"
        "risk          {} of the predictions are wrong  (95 % interval {} to {}; the calibration guarantees at most "
        "{})\n",
        percent_with_sign(e.selection.coverage, 2), e.abstain->threshold, percent_with_sign(e.selection.risk, 2),
        percent_with_sign(e.selection.risk_interval.low, 2), percent_with_sign(e.selection.risk_interval.high, 2),
        percent_with_sign(e.abstain->risk, 2));
  out += classes_text(e);
  out += matrix_text(e, "counts (row: true class, column: predicted class)",
                     [&](std::size_t i, std::size_t j) { return e.confusion.at(i, j); });
  out += matrix_text(e, "percent of the row", [&](std::size_t i, std::size_t j) {
    return row_share(e.confusion.at(i, j), e.confusion.row_sum(i));
  });
  for (const auto& breakdown : e.by) out += to_text(breakdown);
  for (const auto& hint : e.hints) out += fmt::format("\nnote: {}.\n", hint);
  return out;
}

}  // namespace mien::score
