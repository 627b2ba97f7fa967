// SPDX-License-Identifier: Apache-2.0
// The output of predict: a table, JSON, JSON lines or CSV.
#pragma once

#include "mien/app/program.h"
#include "mien/present/picture_report.h"
#include "mien/present/picture_run.h"

namespace mien::app {

enum class OutputFormat { table, json, jsonl, csv };

/// One of "table", "json", "jsonl", "csv"; throws usage for any other.
OutputFormat output_format(const std::string& name);

/// Writes each result when it is ready; JSON as one object at the end.
class PredictOutput {
 public:
  PredictOutput(OutputFormat format, const present::TableOptions& table, const Program& program,
                const recognise::Recognizer& recognizer);
  void add(const present::PictureReport& report);
  /// The whole object, if the format is JSON; `passed_over`: files of the input that are not pictures.
  void finish(Json timing, const recognise::PassedOver& passed_over);
  int exit_code_of_first_error() const { return first_error_; }
  int num_done() const { return num_done_; }

 private:
  Json whole(Json timing, const recognise::PassedOver& passed_over) const;

  OutputFormat format_;
  present::TableOptions table_;
  const Program& program_;
  const recognise::Recognizer& recognizer_;
  Json images_ = Json::array();
  int first_error_ = 0, num_done_ = 0;
};

}  // namespace mien::app
