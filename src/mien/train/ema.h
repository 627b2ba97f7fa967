// SPDX-License-Identifier: Apache-2.0
// Exponential moving average of a network's state, used for evaluation and export.
#pragma once

#include "mien/nn/state.h"

namespace mien::train {

/// shadow ← d·shadow + (1 - d)·state with d = min(decay, (1 + n) / (10 + n)) at update n (counted from 1). Floating
/// tensors are averaged (running statistics too), counters copied.
class Ema {
 public:
  Ema(const torch::nn::Module& network, double decay);
  void update();
  /// Exchanges the network's values and the averages; call twice to restore.
  void swap();
  /// Averages under the network's keys; "updates" is the counter.
  nn::NamedTensors state() const;
  void load_state(const nn::NamedTensors& saved, const std::string& origin);

 private:
  nn::NamedTensors live_, shadow_;
  double decay_;
  at::Tensor updates_;  ///< int64 scalar
};

}  // namespace mien::train
