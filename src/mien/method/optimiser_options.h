// SPDX-License-Identifier: Apache-2.0
// Optimiser and learning-rate schedule as configuration; the schedules are those of the ten methods' recipes.
#pragma once

#include <array>
#include <vector>

#include "mien/base/config.h"

namespace mien::method {

enum class ScheduleKind { constant, exponential, step, multistep, cosine, yolox };
constexpr auto words_of(ScheduleKind) {
  return std::array{"constant", "exponential", "step", "multistep", "cosine", "yolox"};
}

enum class OptimiserKind { sgd, adam, adamw, ranger };
constexpr auto words_of(OptimiserKind) { return std::array{"sgd", "adam", "adamw", "ranger"}; }

struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::cosine;
  double gamma = 0.1;              ///< factor of exponential (per epoch), step and multistep
  int every = 10;                  ///< epochs between drops of "step"
  std::vector<double> milestones;  ///< epochs of "multistep"
  double floor = 0;                ///< last rate of cosine and yolox as a fraction of the peak
  double warmup_epochs = 0;        ///< linear per step (yolox: quadratic) from warmup_start × peak
  double warmup_start = 0;
  bool warmup_overrides = false;  ///< cosine: falls from the first epoch on, the warm-up replaces its beginning
  double flat_epochs = 0;         ///< cosine, yolox: final epochs at the floor
};

struct OptimiserOptions {
  OptimiserKind kind = OptimiserKind::sgd;
  double rate = 0.1;                              ///< peak learning rate
  double momentum = 0.9;                          ///< sgd
  bool nesterov = false;                          ///< sgd
  double beta1 = 0.9, beta2 = 0.999, eps = 1e-8;  ///< adam, adamw, ranger
  double weight_decay = 1e-4;                     ///< L2 added to the gradient (sgd, adam); decoupled (adamw, ranger)
  bool decay_norms_and_biases = true;             ///< false: only tensors of rank 2 or more decay
  double clip_norm = 0;                           ///< largest gradient norm over all groups; 0: no limit
  ScheduleOptions schedule;
};

/// Adds "optimiser.*" and "schedule.*" with their help and ranges.
void declare(Fields& fields, OptimiserOptions& options);

/// Learning-rate factor (times the peak) at a step; epoch = step / steps_per_epoch. Pure function of its arguments.
double schedule_factor(const ScheduleOptions& schedule, std::int64_t step, std::int64_t steps_per_epoch,
                       int num_epochs);

}  // namespace mien::method
