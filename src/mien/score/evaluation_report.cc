// SPDX-License-Identifier: Apache-2.0
#include "mien/score/evaluation_report.h"

#include <fmt/core.h>

#include "mien/base/text.h"

namespace mien::score {
namespace {

std::string percent(double share) { return percent_with_sign(share, 2); }

std::string share_of(std::int64_t part, std::int64_t whole) {
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
    out += fmt::format("{:<11}{:>12}{:>12}{:>12}\n", e.classes[i], support, share_of(right, support),
                       share_of(right, e.confusion.column_sum(i)));
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
      facts.model, facts.data, facts.split, e.samples, facts.label_rule, percent(e.accuracy),
      percent(e.accuracy_interval.low), percent(e.accuracy_interval.high), percent(e.mean_recall), percent(e.macro_f1),
      percent(e.ece), e.nll, e.kl_votes);
  if (e.abstain)
    out += fmt::format(
        "answered      {} of the pictures, with a confidence of {:.4f} or more\n"
        "risk          {} of the predictions are wrong  (95 % interval {} to {}; the calibration guarantees at most "
        "{})\n",
        percent(e.selection.coverage), e.abstain->threshold, percent(e.selection.risk),
        percent(e.selection.risk_interval.low), percent(e.selection.risk_interval.high), percent(e.abstain->risk));
  out += classes_text(e);
  out += matrix_text(e, "counts (row: true class, column: predicted class)",
                     [&](std::size_t i, std::size_t j) { return e.confusion.at(i, j); });
  out += matrix_text(e, "percent of the row", [&](std::size_t i, std::size_t j) {
    return share_of(e.confusion.at(i, j), e.confusion.row_sum(i));
  });
  for (const auto& breakdown : e.by) out += to_text(breakdown);
  for (const auto& hint : e.hints) out += fmt::format("\nnote: {}.\n", hint);
  return out;
}

}  // namespace mien::score
