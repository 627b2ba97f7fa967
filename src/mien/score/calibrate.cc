// SPDX-License-Identifier: Apache-2.0
#include "mien/score/calibrate.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/base/version.h"
#include "mien/score/temperature.h"

namespace mien::score {
namespace {

/// The logits of one part, computed once by the network; evaluated any number of times.
class Answers {
 public:
  Answers(const Predictor& predictor, const std::vector<std::string>& classes, const pack::Pack& pack,
          pack::Split split, const CalibrateOptions& options)
      : classes_(classes), pack_(pack), split_(split) {
    const Predictor recording = [&](std::span<const std::uint32_t> indices) {
      auto logits = predictor(indices);
      logits_.insert(logits_.end(), logits.begin(), logits.end());
      return logits;
    };
    Options o;
    o.temperature = options.temperature_before;
    o.progress = options.progress;
    before_ = evaluate(recording, classes, pack, split, o);
  }

  Evaluation at(double temperature) const {
    std::size_t done = 0;
    const Predictor replay = [&](std::span<const std::uint32_t> indices) {
      const auto part = std::span(logits_).subspan(done, indices.size() * classes_.size());
      done += part.size();
      return std::vector<float>(part.begin(), part.end());
    };
    Options o;
    o.temperature = temperature;
    return evaluate(replay, classes_, pack_, split_, o);
  }

  const std::vector<float>& logits() const { return logits_; }
  /// The column of each picture's true class.
  std::vector<std::size_t> truth_columns() const {
    std::vector<std::size_t> columns;
    for (const auto& outcome : before_.outcomes)
      columns.push_back(static_cast<std::size_t>(
          std::find(classes_.begin(), classes_.end(), before_.classes[outcome.truth]) - classes_.begin()));
    return columns;
  }
  BeforeAfter figures(const Evaluation& after) const {
    return {pack_.info().data_set,
            std::string(to_string(split_)),
            after.samples,
            before_.ece,
            after.ece,
            before_.nll,
            after.nll};
  }

 private:
  const std::vector<std::string>& classes_;
  const pack::Pack& pack_;
  pack::Split split_;
  std::vector<float> logits_;
  Evaluation before_;
};

Json pair(double before, double after) { return {{"before", before}, {"after", after}}; }

void check_part(const pack::Pack& pack, const CalibrateOptions& options) {
  check_split(options.split);
  check_input(
      !pack.indices(options.split).empty(), pack.path().string() + ": no validation part, which calibration needs.",
      "Create the pack again with --val-fraction 0.1, which uses a tenth of the training pictures for validation.");
}

Json data_of(const pack::Pack& pack) {
  return {{"data_set", pack.info().data_set}, {"data_hash", pack.hash()}, {"label_rule", pack.info().label_rule}};
}

/// The record that every calibration makes of its data.
Json record_of(const pack::Pack& pack, const CalibrateOptions& options, Json figures) {
  Json record = data_of(pack);
  record["figures"] = std::move(figures);
  record["mien_version"] = version();
  record["command"] = options.command;
  return record;
}

/// The temperature that fits all sets, each of which counts the same.
double common_temperature(const std::vector<Answers>& sets, std::size_t num_classes) {
  std::vector<float> logits;
  std::vector<std::size_t> truth;
  std::vector<double> weights;
  for (const auto& set : sets) {
    const auto columns = set.truth_columns();
    logits.insert(logits.end(), set.logits().begin(), set.logits().end());
    truth.insert(truth.end(), columns.begin(), columns.end());
    weights.insert(weights.end(), columns.size(), 1.0 / static_cast<double>(columns.size()));
  }
  return fit_temperature(logits, truth, num_classes, weights).temperature;
}

Answered answered_of(const Evaluation& evaluation) {
  Answered out;
  for (const auto& outcome : evaluation.outcomes) {
    out.confidence.push_back(outcome.confidence);
    out.correct.push_back(outcome.correct());
  }
  return out;
}

Json figures_json(const FacesFound& found, pack::Split split, std::size_t samples) {
  return {{"split", to_string(split)},
          {"samples", samples},
          {"precision", found.precision},
          {"recall", found.recall},
          {"f1", found.f1()}};
}

Json figures_json(const BeforeAfter& f) {
  return {{"data_set", f.data_set},
          {"split", f.split},
          {"samples", f.samples},
          {"ece", pair(f.ece_before, f.ece_after)},
          {"nll", pair(f.nll_before, f.nll_after)}};
}

std::string boxes_to_text(const face::Calibration& calibration) {
  std::string out =
      fmt::format("score limit   {:.4f}: boxes with a lower score are left out\n", calibration.score_limit);
  for (const Json& f : calibration.record.at("figures"))
    out += fmt::format("{}, {} pictures: {} % of the faces found, {} % of the boxes are faces, F1 {} %\n",
                       f.at("split").get<std::string>(), f.at("samples").get<std::size_t>(),
                       fixed(100 * f.at("recall").get<double>(), 1), fixed(100 * f.at("precision").get<double>(), 1),
                       fixed(100 * f.at("f1").get<double>(), 1));
  return out;
}

}  // namespace

void check_split(pack::Split split) {
  if (split == pack::Split::test)
    fail_usage("--split test: a temperature fitted on the test part would make the test figures too good.",
               "Use --split valid; --test evaluates the result on the test part.");
  if (split == pack::Split::train)
    fail_usage("--split train: a network is more confident on its training pictures than on new ones.",
               "Use --split valid.");
}

CalibrationResult calibrate(std::span<const CalibrationSet> sets, const std::vector<std::string>& classes,
                            const CalibrateOptions& options) {
  for (const auto& set : sets) check_part(set.pack, options);
  std::vector<Answers> answers;
  for (const auto& set : sets) answers.emplace_back(set.predictor, classes, set.pack, options.split, options);
  CalibrationResult result;
  result.temperature = common_temperature(answers, classes.size());
  std::vector<Answered> answered;
  for (const auto& a : answers) {
    const Evaluation after = a.at(result.temperature);
    result.figures.push_back(a.figures(after));
    answered.push_back(answered_of(after));
  }
  for (const auto& set : sets) {
    if (!options.test) break;
    const Answers test(set.predictor, classes, set.pack, pack::Split::test, options);
    result.figures.push_back(test.figures(test.at(result.temperature)));
  }

  face::Calibration& c = result.calibration;
  c.level = options.level;
  c.flip = options.flip;
  c.table = score::risk_thresholds(answered, options.level);
  Json parts = Json::array();
  for (const auto& f : result.figures) parts.push_back(figures_json(f));
  c.record = record_of(sets.front().pack, options, std::move(parts));
  c.record["temperature_before"] = options.temperature_before;
  for (const auto& set : sets.subspan(1)) c.record["also"].push_back(data_of(set.pack));
  return result;
}

CalibrationResult calibrate_boxes(const BoxPredictor& predictor, const std::vector<std::string>& classes,
                                  const pack::Pack& pack, const CalibrateOptions& options) {
  check_part(pack, options);
  const auto curve_of = [&](pack::Split split) {
    return evaluate_boxes(predictor, classes, pack, split, {.progress = options.progress}).baselines->any_class;
  };
  const FacesFound best = best_limit(curve_of(options.split));
  check_input(
      best.f1() > 0,
      fmt::format("{}: no box of the {} part overlaps a face by half.", pack.path().string(), to_string(options.split)),
      "Train the model for longer, or use a pack with pictures like those that it was trained on.");
  CalibrationResult result;
  result.calibration.score_limit = best.score;
  Json parts = Json::array({figures_json(best, options.split, pack.indices(options.split).size())});
  if (options.test)
    parts.push_back(figures_json(faces_found(curve_of(pack::Split::test), best.score), pack::Split::test,
                                 pack.indices(pack::Split::test).size()));
  result.calibration.record = record_of(pack, options, std::move(parts));
  return result;
}

Json to_json(const CalibrationResult& result) {
  Json json = {{"temperature", result.temperature}};
  json.update(face::to_json(result.calibration));
  return json;
}

std::string to_text(const CalibrationResult& result) {
  if (result.calibration.score_limit > 0) return boxes_to_text(result.calibration);
  std::string out = fmt::format("temperature   {:.4f} (was {:.4f})\n", result.temperature,
                                result.calibration.record.at("temperature_before").get<double>());
  const bool is_several = result.calibration.record.contains("also");
  for (const auto& f : result.figures)
    out += fmt::format("{}{}, {} pictures: ECE {} → {}, NLL {:.4f} → {:.4f} nats\n", is_several ? f.data_set + " " : "",
                       f.split, f.samples, percent_with_sign(f.ece_before, 2), percent_with_sign(f.ece_after, 2),
                       f.nll_before, f.nll_after);
  const auto& table = result.calibration.table;
  out += fmt::format(
      "\nsmallest confidence that guarantees a risk ({} for the whole table), on {}{}\n"
      "    risk   confidence   answered   wrong\n",
      percent_with_sign(result.calibration.level, 0), result.figures.front().split,
      is_several ? " of each set; the least favourable figures of any" : "");
  for (const double risk : {0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2}) {
    const auto beyond = std::find_if(table.begin(), table.end(), [&](const auto& row) { return row.risk > risk; });
    out += fmt::format("{:>8}", percent_with_sign(risk, 0));
    if (beyond == table.begin()) {
      out += "            –\n";
      continue;
    }
    const auto& row = *std::prev(beyond);
    out += fmt::format("{:>13.4f}{:>11}{:>8}\n", row.threshold, percent_with_sign(row.coverage, 1),
                       percent_with_sign(row.measured_risk, 1));
  }
  return out;
}

}  // namespace mien::score
