// SPDX-License-Identifier: Apache-2.0
// The plan of a run for a method's stages: which stages it runs, for how long, and with which random streams.
#pragma once

#include <cstdint>
#include <vector>

#include "mien/method/stage.h"
#include "mien/train/config.h"

namespace mien::train {

struct StagePlan {
  bool is_chosen = true;  ///< by train.stages
  int num_epochs = 0;
  int batch_size = 0;
  /// For its orders, augmentation and steps. The first stage has the run's seed, each later one its own: a stage draws
  /// the same numbers whether it runs alone or after the others.
  std::uint64_t seed = 0;
  int span_begin = 0, span_epochs = 0;  ///< see method::StepContext
};

/// One plan per stage. Throws usage if train.stages names a stage that the method does not have; failed if the
/// method's stages contradict themselves (equal names, a turn without a player, overlapping averages).
std::vector<StagePlan> plan_stages(const std::vector<method::Stage>& stages, const TrainConfig& config);

}  // namespace mien::train
