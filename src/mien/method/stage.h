// SPDX-License-Identifier: Apache-2.0
// How a method is trained: stages in order, each with its players (what is optimised, how) and turns (which losses,
// in which order per batch). One Trainer runs them all; see docs/architecture.md for how each method uses this.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>
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
  std::string pack;         ///< path of the stage's own pack, from the method's configuration; empty: data.pack
  bool labels = true;       ///< false: unlabelled pictures are used too, with label -1
  std::vector<View> views;  ///< one for plain methods; {weak, strong} for two-view methods; none: no pixels are read,
                            ///< the stage looks its inputs up by Batch::index
  batch::Sampler sampler = batch::Sampler::shuffle;
  int batch_size = 0;       ///< 0: train.batch_size; stages may differ (FER-YOLO-Mamba)
  int steps_per_epoch = 0;  ///< 0: an epoch is one pass over the pictures; otherwise passes continue across epochs
  bool drop_last = false;   ///< leave out the last, smaller batch of a pass
  bool landmarks = false, pose = false, boxes = false;  ///< the pack must contain them, otherwise the run is refused
  int further = 0;   ///< random further pictures per picture, which `wrap` reduces (mosaic)
  batch::Wrap wrap;  ///< joins or mixes whole batches after the views (mixup, mosaic); may be empty
};

struct ParameterGroup {
  std::string name;
  nn::NamedTensors parameters;  ///< leaves that require gradients
  double rate_factor = 1;       ///< times the player's rate
  double decay_factor = 1;      ///< times the player's weight decay
};

/// How the decay d of a moving average begins, at update n (counted from 1).
enum class AverageWarmUp {
  none,        ///< d = decay
  ratio,       ///< d = min(decay, (1 + n) / (10 + n))
  exponential  ///< d = decay · (1 - exp(-n / warm_up_updates))
};

/// An exponential moving average of a part of the network: a step ends with average ← d·average + (1 - d)·state, after
/// Hooks::after_step. Validation and the best checkpoint use the averages instead of the part's own values.
struct MovingAverage {
  std::string
      prefix;        ///< of the averaged state-dict keys; empty: the whole network. Parts of one stage must not overlap
  double decay = 0;  ///< 0: train.ema_decay; if that is also 0, no average is kept
  AverageWarmUp warm_up = AverageWarmUp::ratio;
  double warm_up_updates = 2000;
  bool counts_on = false;  ///< starts from the average and counter of the same part in the previous stage
};

/// Something with its own optimiser: a network, or one side of an adversarial game.
struct Player {
  std::string name = "network";
  std::vector<ParameterGroup> groups;
  OptimiserOptions optimiser;
  std::optional<MovingAverage> average = std::nullopt;  ///< updated after each step in which the player had a turn
};

struct StepContext {
  int epoch = 0;  ///< 0-based, within the stage
  int num_epochs = 0;
  std::int64_t step = 0;  ///< 0-based, over the whole stage
  std::int64_t steps_per_epoch = 0;
  /// Stages that count on (Stage::counts_on) share one span of epochs: schedules and progress refer to it.
  int span_begin = 0;   ///< epochs of the span before this stage
  int span_epochs = 0;  ///< epochs of the whole span; 0: only the stage

  int epochs_in_span() const { return span_epochs > 0 ? span_epochs : num_epochs; }
  /// Steps since the span began, at this stage's number of steps per epoch.
  std::int64_t span_step() const { return span_begin * steps_per_epoch + step; }
  /// Completed share of the span, 0..1.
  double progress() const {
    const double steps = static_cast<double>(epochs_in_span()) * static_cast<double>(steps_per_epoch);
    return steps > 0 ? std::min(1.0, static_cast<double>(span_step()) / steps) : 0;
  }
};

/// One update: losses of a player, computed every `every` steps. Before it the Trainer restores the modes (training,
/// except what is in inference mode) and the frozen parts, and switches mixed precision on: what must stay in float32
/// is cast by the loss. LibTorch's generators are seeded once per step. A loss may differentiate on its own (R1, path
/// length); all gradients are cleared between it and the backward pass. A term of weight 0 is logged only.
struct Turn {
  std::size_t player = 0;
  int every = 1;
  std::function<Losses(const batch::Batch&, const StepContext&)> losses;
  std::string name = {};  ///< distinguishes the turns of one player in logs; empty for a player's only turn
};

/// A picture for the run's report, for example a generator's progress.
struct Picture {
  std::string caption;
  at::Tensor pixels;  ///< (C,H,W) uint8, C 1 (grey) or 3 (red, green, blue)
};

/// Passes batches to a visitor, which returns false to stop.
using BatchPass = std::function<void(const std::function<bool(const batch::Batch&)>& visit)>;

/// Lets a hook run its own pass over the training data (class distributions, recalibration): in training order with the
/// stage's views, or in pack order without augmentation, in the run's precision. The visitor returns false to stop.
struct HookContext {
  StepContext step;
  std::function<void(bool augmented, const std::function<bool(const batch::Batch&)>& visit)> for_each_batch;
  /// Values that epoch_end puts here go into the epoch's row of metrics.jsonl, under "record".
  Json record = Json::object();
  BatchPass for_each_validation_batch = {};  ///< the validation part of the stage's pack, in pack order
  /// stage_begin: true if the call repeats that of an interrupted run. Caches must be filled again; values in the
  /// network's state or extra_state() must not be changed again.
  bool is_resumed = false;
  std::vector<Picture> pictures = {};  ///< pictures from epoch_end for the run's report
};

/// LibTorch's generators are seeded before each hook, so that a resumed run draws the same numbers.
struct Hooks {
  std::function<void(HookContext&)> stage_begin;  ///< also after each resume, see HookContext::is_resumed
  std::function<void(HookContext&)> epoch_begin, epoch_end;
  std::function<void(const batch::Batch&, const StepContext&)> after_step;  ///< projections, centres, momentum twins
};

/// A part whose norms use running statistics from an epoch (0-based) on.
struct InferenceNorms {
  std::string prefix;
  int from_epoch = 0;
};

/// The state of a stage that the next one starts from.
enum class HandOver {
  last,     ///< the state after the last step
  average,  ///< the last step's moving averages
  best      ///< the stage's best checkpoint (with the averages, if any are kept)
};

/// Named figures of the validation part. The first one selects the best epoch; higher is better.
using Figures = std::vector<std::pair<std::string, double>>;

/// Order within an epoch: epoch_begin, steps (after_step after each), epoch_end, validation.
///
/// The best epoch is selected by the first figure of `score`, otherwise the mean of `validate`, otherwise the average
/// precision (mAP50) if the stage needs boxes, or the accuracy. A stage without labels and boxes that declares none
/// is not evaluated, and its last epoch counts as its best.
struct Stage {
  std::string name = "main";  ///< differs from the other stages'; lower-case letters, digits, hyphens
  int epochs = 0;             ///< 0: train.epochs
  BatchNeeds needs;
  std::vector<Player> players;
  std::vector<Turn> turns;
  Hooks hooks;
  std::vector<std::string> frozen;  ///< state-dict prefixes that get no gradient; their norms stay in training mode
  std::vector<InferenceNorms> inference_norms;
  /// A loss per batch of the validation part; its mean over the pictures selects, lower is better.
  std::function<Losses(const batch::Batch&)> validate;
  /// A score over the whole validation part (average precision). Called in inference mode without gradients.
  std::function<Figures(const BatchPass&)> score;
  int patience = 0;  ///< ends the stage after this many epochs without improvement; 0: never
  HandOver hand_over = HandOver::last;
  bool counts_on = false;  ///< continues the epochs of the previous stage: see StepContext::span_begin
};

}  // namespace mien::method
