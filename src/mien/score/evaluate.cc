// SPDX-License-Identifier: Apache-2.0
#include "mien/score/evaluate.h"

#include <fmt/core.h>

#include <cmath>

#include "mien/face/prediction.h"

namespace mien::score {
namespace {

/// How many standard deviations `wrong` answers are above `right` ones, if both are equally likely.
double excess(std::int64_t wrong, std::int64_t right) {
  const auto both = static_cast<double>(wrong + right);
  return both > 0 ? static_cast<double>(wrong - right) / std::sqrt(both) : 0;
}

/// Pairs of classes whose exchange would raise the accuracy by more than five points, beyond doubt, and for the
/// pictures of either class. A network that ignores the picture favours one class of a pair, never both.
std::vector<std::string> exchanged_pairs(const score::Confusion& c, const std::vector<std::string>& classes) {
  constexpr double kEach = 2.3, kTogether = 3.3;  // about one chance in 100 and in 2,000
  std::vector<std::string> hints;
  for (std::size_t i = 0; i < classes.size(); ++i)
    for (std::size_t j = i + 1; j < classes.size(); ++j) {
      const auto wrong = c.at(i, j) + c.at(j, i), right = c.at(i, i) + c.at(j, j);
      const bool is_large = static_cast<double>(wrong - right) > 0.05 * static_cast<double>(c.total());
      const bool is_mutual = excess(c.at(i, j), c.at(i, i)) > kEach && excess(c.at(j, i), c.at(j, j)) > kEach;
      if (is_large && is_mutual && excess(wrong, right) > kTogether)
        hints.push_back(fmt::format("{} and {} look exchanged in the model's class order", classes[i], classes[j]));
    }
  return hints;
}

/// Throws before the long work what break_down would throw after it.
void check_groupings(const pack::Pack& pack, pack::Split split, const std::vector<Grouping>& by) {
  std::vector<Outcome> outcomes;
  for (const auto i : pack.indices(split)) outcomes.push_back({i, 0, 0, 0});
  if (!outcomes.empty()) break_down(outcomes, pack, by);
}

}  // namespace

Evaluation evaluate(const Predictor& predictor, const std::vector<std::string>& predictor_classes,
                    const pack::Pack& pack, pack::Split split, const Options& options) {
  check_groupings(pack, split, options.by);
  const auto classes = joint_classes(predictor_classes, pack);
  const std::size_t k = classes.size(), own = pack.info().classes.size();
  Evaluation result;
  result.classes = classes;
  result.confusion = score::Confusion(k);
  std::vector<float> confidence, probability_of_truth, truth_rows, probability_rows;
  std::vector<std::uint8_t> correct;
  for_each_prediction(predictor, predictor_classes, pack, split,
                      {options.batch_size, options.temperature, options.progress},
                      [&](std::uint32_t picture, std::span<const float> probability) {
                        const auto& sample = pack.sample(picture);
                        const std::size_t best = face::arg_max(probability);
                        result.confusion.add(static_cast<std::size_t>(sample.label), best);
                        confidence.push_back(probability[best]);
                        probability_of_truth.push_back(probability[static_cast<std::size_t>(sample.label)]);
                        correct.push_back(best == static_cast<std::size_t>(sample.label));
                        result.outcomes.push_back({picture, static_cast<std::uint8_t>(sample.label),
                                                   static_cast<std::uint8_t>(best), probability[best]});
                        for (std::size_t c = 0; c < k; ++c)  // the classes beyond the pack's have no share
                          truth_rows.push_back(c < own ? sample.distribution[c] : 0);
                        probability_rows.insert(probability_rows.end(), probability.begin(), probability.end());
                      });
  result.samples = result.outcomes.size();
  result.accuracy = score::accuracy(result.confusion);
  result.accuracy_interval = score::bootstrap_interval(correct, 2000, options.seed);
  result.mean_recall = score::mean_recall(result.confusion);
  result.macro_f1 = score::macro_f1(result.confusion);
  result.ece = score::expected_calibration_error(confidence, correct);
  result.nll = score::mean_negative_log_likelihood(probability_of_truth);
  result.kl_votes = score::mean_kl(truth_rows, probability_rows, k);
  result.hints = exchanged_pairs(result.confusion, classes);
  result.abstain = options.abstain;
  if (options.abstain) result.selection = score::select(confidence, correct, *options.abstain);
  result.by = break_down(result.outcomes, pack, options.by);
  return result;
}

Json to_json(const Evaluation& e) {
  Json confusion = Json::array();
  for (std::size_t i = 0; i < e.classes.size(); ++i) {
    Json row = Json::array();
    for (std::size_t j = 0; j < e.classes.size(); ++j) row.push_back(e.confusion.at(i, j));
    confusion.push_back(row);
  }
  Json json = {{"samples", e.samples},
               {"classes", e.classes},
               {"accuracy", e.accuracy},
               {"accuracy_interval", {e.accuracy_interval.low, e.accuracy_interval.high}},
               {"mean_recall", e.mean_recall},
               {"macro_f1", e.macro_f1},
               {"ece", e.ece},
               {"nll", e.nll},
               {"kl_votes", e.kl_votes},
               {"confusion", confusion}};
  if (e.abstain)
    json["abstain"] = {{"risk_bound", e.abstain->risk},
                       {"threshold", e.abstain->threshold},
                       {"answered", e.selection.answered},
                       {"coverage", e.selection.coverage},
                       {"risk", e.selection.risk},
                       {"risk_interval", {e.selection.risk_interval.low, e.selection.risk_interval.high}}};
  if (!e.by.empty()) json["by"] = to_json(e.by);
  if (!e.hints.empty()) json["hints"] = e.hints;
  return json;
}

}  // namespace mien::score
