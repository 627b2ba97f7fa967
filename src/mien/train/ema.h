// SPDX-License-Identifier: Apache-2.0
// Exponential moving average of a part of a network's state, used for evaluation and export.
#pragma once

#include "mien/method/stage.h"
#include "mien/nn/state.h"

namespace mien::train {

/// The decay at update n (counted from 1), 0..1.
double average_decay(const method::MovingAverage& options, std::int64_t n);

/// average ← d·average + (1 - d)·state with d = average_decay. Floating tensors are averaged (running statistics too),
/// counters copied.
class Ema {
 public:
  /// The average starts with the network's values. `options.decay` is used unchanged.
  Ema(const torch::nn::Module& network, method::MovingAverage options);
  const method::MovingAverage& options() const { return options_; }
  void update();
  /// Swaps the network's values and the averages; call twice to restore.
  void swap();
  /// Copies the averages into the network.
  void apply();
  /// Copies values and counter from another average of the same part.
  void continue_from(const Ema& earlier);
  /// Averages under the network's keys; "<prefix>updates" is the counter.
  nn::NamedTensors state() const;
  /// Throws bad_input if a tensor is missing or has another shape.
  void load_state(const nn::NamedTensors& saved, const std::string& origin);

 private:
  method::MovingAverage options_;
  nn::NamedTensors live_, shadow_;
  at::Tensor updates_;  ///< int64 scalar
};

}  // namespace mien::train
