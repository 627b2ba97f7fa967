// SPDX-License-Identifier: Apache-2.0
// How a method is trained: stages in order, each with its players (what is optimised, how) and turns (which losses,
// in which order per batch). One Trainer runs them all; see docs/architecture.md for how each method uses this.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/batch/batch.h"
#include "mien/batch/sampler.h"
#include "mien/method/losses.h"
#include "mien/method/optimiser_options.h"
#include "mien/nn/safetensors.h"

namespace mien::method {

using batch::View;

/// What the loader must deliver for a stage.
struct BatchNeeds {
  std::vector<View> views;  ///< one for plain methods; {weak, strong} for two-view methods
  batch::Sampler sampler = batch::Sampler::shuffle;
  int batch_size = 0;                                   ///< 0: train.batch_size; stages may differ (FER-YOLO-Mamba)
  bool drop_last = false;                               ///< leave out the last, smaller batch of an epoch
  bool landmarks = false, pose = false, boxes = false;  ///< the pack must carry them, else the run is refused
  /// Joins or mixes whole batches after the views (mixup, mosaic); progress is 0..1 over the stage's epochs.
  std::function<void(batch::Batch&, at::Generator&, double progress)> wrap;
};

struct ParameterGroup {
  std::string name;
  nn::NamedTensors parameters;  ///< leaves that require gradients
  double rate_factor = 1;       ///< times the player's rate
  double decay_factor = 1;      ///< times the player's weight decay
};

/// Something that is optimised on its own: a network, or one side of a game.
struct Player {
  std::string name = "network";
  std::vector<ParameterGroup> groups;
  OptimiserOptions optimiser;
  bool ema = false;  ///< keep an exponential moving average of the network's state for evaluation
};

struct StepContext {
  int epoch = 0;  ///< 0-based, within the stage
  int num_epochs = 0;
  std::int64_t step = 0;  ///< 0-based, over the whole stage
  std::int64_t steps_per_epoch = 0;
};

/// One update: losses of a player, computed every `every` steps. Before it the Trainer clears the gradients of all
/// players, restores the modes (training, except what is in inference mode), seeds LibTorch's generators for the step
/// and switches mixed precision on: what must stay in float32 is cast by the loss. A term of weight 0 is logged only.
struct Turn {
  std::size_t player = 0;
  int every = 1;
  std::function<Losses(const batch::Batch&, const StepContext&)> losses;
};

/// Lets a hook run its own pass over the training data (class distributions, recalibration): in training order with the
/// stage's views, or in pack order without augmentation, in the run's precision. The visitor returns false to stop.
struct HookContext {
  StepContext step;
  std::function<void(bool augmented, const std::function<bool(const batch::Batch&)>& visit)> for_each_batch;
  Json record =
      Json::object();  ///< what epoch_end puts here goes into the epoch's row of metrics.jsonl, under "record"
};

struct Hooks {
  std::function<void(HookContext&)> stage_begin, epoch_begin, epoch_end;
  std::function<void(const batch::Batch&, const StepContext&)> after_step;  ///< projections, centres, momentum twins
};

/// A part whose norms use running statistics from an epoch (0-based) on.
struct InferenceNorms {
  std::string prefix;
  int from_epoch = 0;
};

/// Which state of a stage the next one (or the user) gets.
enum class HandOver { last, best };

/// Order within an epoch: epoch_begin, steps (after_step behind each), epoch_end, validation.
struct Stage {
  std::string name = "main";
  int epochs = 0;  ///< 0: train.epochs
  BatchNeeds needs;
  std::vector<Player> players;
  std::vector<Turn> turns;
  Hooks hooks;
  std::vector<std::string> frozen;  ///< state-dict prefixes that get no gradient; their norms stay in training mode
  std::vector<InferenceNorms> inference_norms;
  /// What selects the best epoch, averaged over the validation part, lower is better; empty: accuracy of predict().
  std::function<Losses(const batch::Batch&)> validate;
  HandOver hand_over = HandOver::last;
};

}  // namespace mien::method
