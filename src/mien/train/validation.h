// SPDX-License-Identifier: Apache-2.0
// The validation part after an epoch: the figure that selects the best epoch, and the entries for the records.
#pragma once

#include <string>

#include "mien/method/method.h"
#include "mien/nn/device.h"
#include "mien/train/noise_watch.h"
#include "mien/train/position.h"
#include "mien/train/stage_data.h"

namespace mien::train {

struct ValidationOptions {
  at::Device device = at::kCPU;
  bool bfloat16 = false;
  bool channels_last = false;
  std::size_t batch_size = 128;  ///< of the stage's own validate and score
};

struct Validation {
  Judgement judgement;
  Json row = Json::object();  ///< "valid", and "noise" if wrong labels are known
  std::string text;           ///< for the log line
};

/// Batches of the validation part in pack order: one view without augmentation, independent of the stage's views.
void for_each_validation_batch(const method::Method& method, const method::Stage& stage, const StageData& data,
                               const ValidationOptions& options, const std::function<bool(const batch::Batch&)>& visit);

/// Evaluates the method's current state as the stage requires (method/stage.h). A stage with boxes and neither score
/// nor loss of its own is evaluated by the average precision at overlap 0.5 (Pascal VOC's mean over the classes).
Validation validate(method::Method& method, const method::Stage& stage, const StageData& data,
                    const ValidationOptions& options);

}  // namespace mien::train
