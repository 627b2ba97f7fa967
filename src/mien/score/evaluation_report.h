// SPDX-License-Identifier: Apache-2.0
// The output of an evaluation: the machine-readable contract (docs/formats.md) and a text table.
#pragma once

#include <cstdint>
#include <string>

#include "mien/base/json.h"
#include "mien/score/evaluate.h"

namespace mien::score {

/// What was evaluated, on which data, and how to repeat it.
struct Facts {
  std::string model;       ///< path of the run, checkpoint or model
  std::string data;        ///< path of the pack
  std::string split;       ///< "test"
  std::string label_rule;  ///< of the pack
  std::string command;     ///< as typed
  std::uint64_t seed = 0;  ///< of the bootstrap
};

/// {"model","data","split","label_rule", figures, "confusion", "command","seed"}.
Json report_json(const Evaluation& evaluation, const Facts& facts);
/// Figures with interval, recall and precision of each class, confusion (counts and row percentages), groups, hints.
std::string report_text(const Evaluation& evaluation, const Facts& facts);

}  // namespace mien::score
