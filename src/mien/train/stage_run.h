// SPDX-License-Identifier: Apache-2.0
// What one stage keeps while it runs: optimisers, moving averages, running means of the losses, and the step itself.
#pragma once

#include <memory>
#include <optional>

#include "mien/method/method.h"
#include "mien/nn/device.h"
#include "mien/train/config.h"
#include "mien/train/ema.h"
#include "mien/train/optimiser.h"

namespace mien::train {

/// Means of named values over an epoch; they go into the checkpoint, so that an interrupted epoch reports the same.
class LossMeans {
 public:
  void add(const std::string& name, double value);
  std::vector<std::pair<std::string, double>> means() const;
  void clear() { sums_.clear(); }
  Json to_json() const;
  void load(const Json& json);

 private:
  struct Sum {
    std::string name;
    double sum = 0;
    std::int64_t count = 0;
  };
  std::vector<Sum> sums_;
};

class StageRun {
 public:
  StageRun(method::Method& method, method::Stage stage, const TrainConfig& config, at::Device device, bool bfloat16);

  const method::Stage& stage() const { return stage_; }
  int num_epochs() const { return stage_.epochs > 0 ? stage_.epochs : config_.epochs; }
  /// All turns of one batch. Throws failed where a loss is not finite.
  void step(const batch::Batch& batch, const method::StepContext& context, LossMeans& means);
  /// Training mode, except norms that the stage keeps in inference mode at this epoch; gradients off for frozen parts.
  void set_modes(int epoch);
  /// Peak-rate factor of the schedule at a step (first player).
  double rate(const method::StepContext& context) const;
  Ema* ema() { return ema_ ? &*ema_ : nullptr; }

  nn::NamedTensors state() const;  ///< "optimiser.<player>.…" and "ema.…"
  void load_state(const nn::NamedTensors& saved, const std::string& origin);

 private:
  method::Method& method_;
  method::Stage stage_;
  const TrainConfig& config_;
  at::Device device_;
  bool bfloat16_;
  std::vector<Optimiser> optimisers_;
  std::optional<Ema> ema_;
};

}  // namespace mien::train
