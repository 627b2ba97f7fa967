// SPDX-License-Identifier: Apache-2.0
// The one Trainer: runs any method's stages, with validation, checkpoints, interruption and exact resume.
#pragma once

#include <memory>
#include <optional>

#include "mien/base/progress.h"
#include "mien/batch/loader.h"
#include "mien/train/checkpoint.h"
#include "mien/train/run_folder.h"

namespace mien::train {

/// How a run talks; all may be empty.
struct Talk {
  LogSink log;            ///< one line per event, also kept in log.txt
  ProgressSink progress;  ///< many lines per epoch
  CancelToken* cancel = nullptr;
};

struct TrainResult {
  bool interrupted = false;
  double best_score = 0;  ///< accuracy on the validation part, 0..1 (or minus the stage's own validation loss)
  int best_epoch = 0;     ///< 1-based
};

class Trainer {
 public:
  /// `method` is initialised (or loaded) by the caller. `info` goes into every checkpoint.
  Trainer(method::Method& method, const TrainConfig& config, CheckpointInfo info,
          std::shared_ptr<const pack::Pack> pack, RunFolder folder, Talk talk);
  ~Trainer();

  /// Goes on from the folder's last.safetensors: weights, optimiser, moving average, position, random streams.
  void resume();
  TrainResult run();

 private:
  struct Work;
  std::unique_ptr<Work> work_;
};

}  // namespace mien::train
