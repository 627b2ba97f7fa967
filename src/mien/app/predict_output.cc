// SPDX-License-Identifier: Apache-2.0
#include "mien/app/predict_output.h"

#include <fmt/core.h>

#include <iostream>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::app {

OutputFormat output_format(const std::string& name) {
  const std::vector<std::string> names = {"table", "json", "jsonl", "csv"};
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) fail_usage(fmt::format("--format {}: unknown.", quote(name)), did_you_mean(name, names));
  return static_cast<OutputFormat>(found - names.begin());
}

PredictOutput::PredictOutput(OutputFormat format, const present::TableOptions& table, const Program& program,
                             const recognise::Recognizer& recognizer)
    : format_(format), table_(table), program_(program), recognizer_(recognizer) {
  if (format_ == OutputFormat::csv) std::cout << present::csv_header(recognizer.card());
}

void PredictOutput::add(const present::PictureReport& report) {
  const face::ModelCard& card = recognizer_.card();
  if (report.error && first_error_ == 0) first_error_ = exit_code(report.error->kind());
  if (report.error) program_.say(fmt::format("mien: {}", report.error->what()));
  num_done_ += !report.error;
  switch (format_) {
    case OutputFormat::table:
      std::cout << present::table_rows(report, card, table_);
      break;
    case OutputFormat::json:
      images_.push_back(present::to_json(report, card));
      break;
    case OutputFormat::jsonl:
      std::cout << compact(present::to_json(report, card)) << "\n";
      break;
    case OutputFormat::csv:
      std::cout << present::csv_rows(report, card);
      break;
  }
  std::cout << std::flush;
}

Json PredictOutput::whole(Json timing, const recognise::PassedOver& passed_over) const {
  const recognise::RecognizerOptions& options = recognizer_.options();
  Json detector = {{"name", recognizer_.detector_name()}};
  if (options.use_detector && !face::finds_boxes(recognizer_.card()))
    detector.update(
        {{"landmarks", options.finder.refine ? "face-mesh" : "detector"}, {"min_face_px", options.min_face_px}});
  Json model = present::model_json(recognizer_.card(), options.model);
  if (const auto& a = recognizer_.abstain()) model["abstain"] = {{"risk_bound", a->risk}, {"threshold", a->threshold}};
  return {{"model", std::move(model)},
          {"detector", detector},
          {"images", images_},
          {"skipped", passed_over},
          {"timing_ms", std::move(timing)}};
}

void PredictOutput::finish(Json timing, const recognise::PassedOver& passed_over) {
  if (format_ == OutputFormat::json) std::cout << pretty(whole(std::move(timing), passed_over)) << std::flush;
}

}  // namespace mien::app
