// SPDX-License-Identifier: Apache-2.0
// SGD, Adam, AdamW and Ranger over a player's parameter groups, written so that their whole state is a list of named
// tensors: a checkpoint contains it and a resumed run is bit-identical. Update rules are PyTorch's; Ranger's are those
// of method/ranger.h.
#pragma once

#include "mien/method/stage.h"

namespace mien::train {

class Optimiser {
 public:
  explicit Optimiser(const method::Player& player);

  /// One update from the gradients; `factor` is the factor of the schedule. Parameters without a gradient do not
  /// change. Returns the gradient norm over all parameters if clip_norm is set, otherwise 0.
  double step(double factor);
  void zero_grad();

  /// "<parameter>.<slot>" and "step"; shares storage with the optimiser.
  nn::NamedTensors state() const;
  /// Throws bad_input if a tensor is missing or has another shape.
  void load_state(const nn::NamedTensors& state, const std::string& origin);

 private:
  struct Slot {
    std::string name;
    at::Tensor parameter;
    at::Tensor first, second;  ///< momentum or first moment; second moment (all but sgd)
    at::Tensor slow;           ///< slow weights (ranger)
    double rate_factor, decay;
  };
  void step_sgd(Slot& slot, double rate);
  void step_adam(Slot& slot, double rate);
  void step_ranger(Slot& slot, double rate);
  double clip();

  method::OptimiserOptions options_;
  std::vector<Slot> slots_;
  at::Tensor step_count_;  ///< int64 scalar
};

}  // namespace mien::train
