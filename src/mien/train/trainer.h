// SPDX-License-Identifier: Apache-2.0
// The one Trainer: runs any method's stages, with validation, checkpoints, interruption and exact resume.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "mien/base/progress.h"
#include "mien/train/checkpoint_writer.h"
#include "mien/train/meter.h"
#include "mien/train/position.h"
#include "mien/train/run_folder.h"
#include "mien/train/stage_data.h"
#include "mien/train/stage_run.h"
#include "mien/train/validation.h"

namespace mien::train {

/// What the Trainer reports after each epoch, once the row is in metrics.jsonl.
struct EpochRecord {
  Json row;                               ///< as in metrics.jsonl
  std::vector<method::Picture> pictures;  ///< for the files that row["pictures"] names, in its order
};

/// Outputs of a run; all may be empty.
struct Talk {
  LogSink log;            ///< one line per event, also kept in log.txt
  ProgressSink progress;  ///< many lines per epoch
  CancelToken* cancel = nullptr;
  std::function<void(const EpochRecord&)> epoch = {};  ///< draws the run's page
};

struct TrainResult {
  bool interrupted = false;
  std::vector<Best> stages;  ///< of the stages that ran, in order; last the running one, if interrupted
};

class Trainer {
 public:
  /// `method` is initialised (or loaded) by the caller and must outlive the Trainer. `info` goes into every checkpoint.
  Trainer(method::Method& method, const TrainConfig& config, CheckpointInfo info,
          std::shared_ptr<const pack::Pack> pack, RunFolder folder, Talk talk);

  /// Continues from the folder's last.safetensors: weights, optimisers, moving averages, position, random streams.
  /// Throws bad_input if the file is not a last checkpoint, or a stage's own pack has changed.
  void resume();
  TrainResult run();

 private:
  method::HookContext hook_context(const method::StepContext& step, batch::Loader& loader);
  void call(const std::function<void(method::HookContext&)>& hook, const char* name, method::HookContext& context);

  /// Runs from the position on; false if the run was interrupted (and saved).
  bool run_stage();
  void begin_stage(batch::Loader& loader, bool is_resumed);
  bool run_epoch(StageRun& run, batch::Loader& loader);
  void finish_epoch(StageRun& run, const method::HookContext& end, double seconds);
  Validation judge(StageRun& run);
  void hand_over(StageRun& run);
  void save_last(const StageRun& run, const Position& position);
  void trim_metrics() const;
  bool is_stage_over() const;
  bool cancelled() const { return talk_.cancel && talk_.cancel->is_cancelled(); }

  method::StepContext context(std::int64_t steps_per_epoch) const;
  const method::Stage& stage() const { return stages_[position_.stage]; }
  const StagePlan& plan() const { return plans_[position_.stage]; }
  const StageData& data() const { return data_[position_.stage]; }
  ValidationOptions validation_options() const;
  std::filesystem::path best_path() const;
  bool is_last_stage() const;
  std::string epoch_text() const;  ///< "epoch 3/40", with the stage if there are several
  void log(const std::string& line);
  void report(const batch::Loader& loader);

  method::Method& method_;
  TrainConfig config_;
  RunFolder folder_;
  Talk talk_;
  at::Device device_;
  nn::ChosenPrecision precision_;
  std::vector<method::Stage> stages_;
  std::vector<StagePlan> plans_;
  std::vector<StageData> data_;
  CheckpointWriter checkpoints_;
  Position position_;
  LossMeans means_;
  Meter meter_;
  std::optional<nn::TensorFile> resumed_;  ///< kept until its stage has loaded the optimisers' state
  std::vector<Ema> averages_;              ///< of the previous stage
};

}  // namespace mien::train
