// SPDX-License-Identifier: Apache-2.0
// The model of a run folder or checkpoint: shared by eval and export.
#pragma once

#include <filesystem>
#include <memory>

#include "mien/train/checkpoint.h"
#include "mien/train/run_config.h"

namespace mien::app {

struct RunModel {
  std::filesystem::path checkpoint;
  train::CheckpointInfo info;
  train::RunConfig config;
  std::unique_ptr<method::Method> method;
};

/// Throws missing or bad_input if the path contains no checkpoint of this version.
RunModel load_run(const std::filesystem::path& run_or_checkpoint);

}  // namespace mien::app
