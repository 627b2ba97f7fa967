// SPDX-License-Identifier: Apache-2.0
// The folder of a run: resolved config, command, environment, log, metrics, checkpoints.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/face/provenance.h"

namespace mien::train {

class RunFolder {
 public:
  /// Creates runs/train/<name>; if it exists, <name>-2 and so on.
  static RunFolder create(const std::filesystem::path& root, const std::string& name);
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path last() const { return path_ / "last.safetensors"; }
  /// The best checkpoint of the run's last stage.
  std::filesystem::path best() const { return path_ / "best.safetensors"; }
  /// The best checkpoint of an earlier stage.
  std::filesystem::path best_of(const std::string& stage) const { return path_ / ("best-" + stage + ".safetensors"); }

  /// config.toml, command.txt, environment.json
  void record_start(const Json& config, const std::string& command, const face::Environment& environment) const;
  void append_metrics(const Json& row) const;
  /// Drops rows that a resumed run will write again: keeps those of earlier stages, and the first `done_epochs` of
  /// this one.
  void trim_metrics(const std::vector<std::string>& done_stages, const std::string& stage,
                    std::int64_t done_epochs) const;
  /// True if no epoch was finished and nothing was saved.
  bool is_untrained() const;
  void append_log(const std::string& line) const;

 private:
  std::filesystem::path path_;
};

/// The environment of this process.
face::Environment this_environment();

}  // namespace mien::train
