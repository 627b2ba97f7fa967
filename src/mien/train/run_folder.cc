// SPDX-License-Identifier: Apache-2.0
#include "mien/train/run_folder.h"

#include <torch/version.h>

#include <algorithm>
#include <fstream>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/machine.h"
#include "mien/base/run_dir.h"
#include "mien/base/text.h"
#include "mien/base/toml.h"
#include "mien/base/version.h"
#include "mien/nn/torch.h"

namespace mien::train {
namespace {

void append_line(const std::filesystem::path& path, const std::string& line) {
  std::ofstream out(path, std::ios::app);
  out << line << "\n";
  if (!out) throw Error(ErrorKind::failed, path.string() + ": cannot be written.", "Free some disk space.");
}

}  // namespace

RunFolder RunFolder::create(const std::filesystem::path& root, const std::string& name) {
  return RunFolder(make_run_dir(root, name));
}

void RunFolder::record_start(const Json& config, const std::string& command,
                             const face::Environment& environment) const {
  write_file(path_ / "config.toml", to_toml(config));
  write_file(path_ / "command.txt", command + "\n");
  write_json(path_ / "environment.json", face::to_json(environment));
}

void RunFolder::append_metrics(const Json& row) const { append_line(path_ / "metrics.jsonl", compact(row)); }

void RunFolder::trim_metrics(const std::vector<std::string>& done_stages, const std::string& stage,
                             std::int64_t done_epochs) const {
  if (!path_exists(path_ / "metrics.jsonl")) return;
  std::string kept;
  for (const auto& line : lines_of(read_file(path_ / "metrics.jsonl"))) {
    if (line.empty()) continue;
    const Json row = Json::parse(line, nullptr, /*allow_exceptions=*/false);  // a line cut by a kill is dropped
    if (!row.is_object()) continue;
    const auto of = row.value("stage", stage);
    const bool is_done = std::find(done_stages.begin(), done_stages.end(), of) != done_stages.end();
    if (is_done || (of == stage && row.value("epoch", std::int64_t{0}) <= done_epochs)) kept += line + "\n";
  }
  write_file(path_ / "metrics.jsonl", kept);
}

bool RunFolder::is_untrained() const {
  return !path_exists(last()) && !path_exists(best()) && !path_exists(path_ / "metrics.jsonl");
}

void RunFolder::append_log(const std::string& line) const { append_line(path_ / "log.txt", line); }

face::Environment this_environment() {
  return {version(),
          git_revision(),
          TORCH_VERSION,
          this_machine().processor,
          at::get_num_threads(),
          torch::cuda::is_available()};
}

}  // namespace mien::train
