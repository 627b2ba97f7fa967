// SPDX-License-Identifier: Apache-2.0
// A training run as a page, only from its records (docs/formats.md, "Run folder"): it can be created while the run is
// in progress.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/face/provenance.h"
#include "mien/report/page.h"

namespace mien::report {

enum class RunState { running, interrupted, done, failed };

/// A picture from the method, for example a generator's progress.
struct TrainingPicture {
  std::string source;   ///< data_uri()
  std::string caption;  ///< of the method
  std::string epoch;    ///< "epoch 3", or with its stage "inversion, epoch 3"
};

struct TrainingRecord {
  std::string name;  ///< of the run's folder
  RunState state = RunState::running;
  std::vector<Json> epochs;  ///< rows of metrics.jsonl, in order
  face::Provenance provenance;
  std::optional<face::Environment> environment;  ///< none if the run's folder has no record of it
  std::string command, config;                   ///< as typed; TOML
  std::vector<TrainingPicture> pictures;         ///< oldest first
};
Page training_page(const TrainingRecord& record);

}  // namespace mien::report
