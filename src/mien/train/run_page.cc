// SPDX-License-Identifier: Apache-2.0
#include "mien/train/run_page.h"

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"

namespace mien::train {
namespace {

std::string content_of(const std::filesystem::path& path) {
  return std::filesystem::exists(path) ? read_file(path) : std::string();
}

report::TrainingRecord record_of(const RunFolder& folder, const Json& training, report::RunState state) {
  report::TrainingRecord record;
  record.name = std::filesystem::absolute(folder.path()).lexically_normal().filename().string();
  record.state = state;
  record.training = training;
  for (const auto& line : lines_of(content_of(folder.path() / "metrics.jsonl"))) {
    Json row = Json::parse(line, nullptr, /*allow_exceptions=*/false);  // a line cut by a kill is left out
    if (row.is_object()) record.epochs.push_back(std::move(row));
  }
  const Json environment =
      Json::parse(content_of(folder.path() / "environment.json"), nullptr, /*allow_exceptions=*/false);
  if (environment.is_object()) record.environment = environment;
  record.command = content_of(folder.path() / "command.txt");
  record.config = content_of(folder.path() / "config.toml");
  return record;
}

}  // namespace

void write_run_page(const RunFolder& folder, const Json& training, report::RunState state) {
  try {
    report::training_page(record_of(folder, training, state)).write(folder.path() / "report.html");
  } catch (const std::exception& error) {
    try {
      folder.append_log(text("report.html is not written: ", error.what()));
    } catch (const std::exception&) {  // the log's disk is as full; the next checkpoint says so
    }
  }
}

}  // namespace mien::train
