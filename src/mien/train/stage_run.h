// SPDX-License-Identifier: Apache-2.0
// The state of a running stage: optimisers, moving averages, and the step itself.
#pragma once

#include <utility>
#include <vector>

#include "mien/method/method.h"
#include "mien/nn/device.h"
#include "mien/pack/pack.h"
#include "mien/train/ema.h"
#include "mien/train/loss_means.h"
#include "mien/train/optimiser.h"
#include "mien/train/plan.h"

namespace mien::train {

struct StageRunOptions {
  StagePlan plan;
  double ema_decay = 0;  ///< of averages that declare none
  at::Device device = at::kCPU;
  bool bfloat16 = false;
};

class StageRun {
 public:
  /// All three must outlive the object; `pack` names the pictures in errors.
  StageRun(method::Method& method, const method::Stage& stage, const pack::Pack& pack, StageRunOptions options);

  const method::Stage& stage() const { return stage_; }
  /// All turns of one batch, then after_step and the moving averages. Throws failed if a loss is not finite, with
  /// stage, player, term and pictures.
  void step(const batch::Batch& batch, const method::StepContext& context, LossMeans& means);
  /// Each player's peak rate times its schedule's factor.
  std::vector<std::pair<std::string, double>> rates(const method::StepContext& context) const;
  std::vector<Ema>& averages() { return averages_; }
  /// Swaps the averaged parts of the network and their averages; call twice to restore.
  void swap_averages();
  /// Continues from the previous stage, if an average of this stage counts on and that stage has one of the same part.
  void continue_averages(const std::vector<Ema>& earlier);

  nn::NamedTensors state() const;  ///< "optimiser.<player>.…" and "ema.…"
  void load_state(const nn::NamedTensors& saved, const std::string& origin);

 private:
  /// Training mode, except norms that the stage keeps in inference mode at this epoch; gradients off for frozen parts.
  void set_modes(int epoch);
  void take_turn(const method::Turn& turn, const batch::Batch& batch, const method::StepContext& context,
                 LossMeans& means);
  void update_averages(const method::StepContext& context);
  double factor(const method::Player& player, const method::StepContext& context) const;
  std::string label_of(const method::Turn& turn) const;
  [[noreturn]] void fail_not_finite(const method::Turn& turn, const method::Losses& losses, const batch::Batch& batch,
                                    const method::StepContext& context) const;

  method::Method& method_;
  const method::Stage& stage_;
  const pack::Pack& pack_;
  StageRunOptions options_;
  std::vector<Optimiser> optimisers_;
  std::vector<Ema> averages_;
  std::vector<std::size_t> averaged_players_;  ///< the player of each average
};

}  // namespace mien::train
