// SPDX-License-Identifier: Apache-2.0
// The time of one forward pass of a network on this machine.
#pragma once

#include <cstdint>
#include <vector>

#include "mien/runtime/expression_model.h"

namespace mien::runtime {

struct ForwardTimes {
  std::vector<double> ms;  ///< ascending, one per repetition
  /// The time below which the share q (0..1) of the repetitions lies: 0.5 is the median.
  double quantile(double q) const;
};

struct TimingOptions {
  std::int64_t batch = 1;
  int warm_up = 20;  ///< passes that are not counted
  int repetitions = 31;
};

/// Passes of the whole network, all outputs included, on one artificial input; with the model's own number of
/// threads. `options.repetitions` must be positive.
ForwardTimes time_forward(const ExpressionModel& model, const TimingOptions& options = {});

}  // namespace mien::runtime
