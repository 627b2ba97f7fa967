// SPDX-License-Identifier: Apache-2.0
// The position of a run, and the results of its stages: saved in every last checkpoint.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mien/base/json.h"

namespace mien::train {

/// The result of a validation as one figure.
struct Judgement {
  std::string figure;  ///< "accuracy", "loss", or a figure of the stage's own score; empty: the stage is not evaluated
  double value = 0;
  double score = 0;  ///< selects the best epoch, higher is better: value, or minus a loss
};

/// The best epoch of a stage.
struct Best {
  std::string stage;
  Judgement judgement{"", 0, -1e300};
  int epoch = 0;  ///< 1-based; 0: none yet
};

struct Position {
  std::size_t stage = 0;  ///< among all stages of the method
  int epoch = 0;          ///< 0-based, running
  std::int64_t step = 0;  ///< steps done in the epoch
  Best best;              ///< of the running stage
  std::vector<Best> finished;
};

Json to_json(const Position& position);
/// Throws bad_input if a member is missing or has another type.
Position position_from_json(const Json& json, const std::string& origin);

/// "accuracy 85.70 %", "loss 0.4312"; "not evaluated" without a figure.
std::string describe(const Judgement& judgement);

}  // namespace mien::train
