// SPDX-License-Identifier: Apache-2.0
// Ada-DF's configuration: every ablation is a field. Defaults are the reference code's RAF-DB recipe, but for the stem:
// the face-pretrained backbone that it freezes cannot be shipped, so without one the stem trains.
#pragma once

#include <optional>
#include <string>

#include "mien/base/config.h"
#include "mien/method/optimiser_options.h"

namespace mien::methods::ada_df {

struct AdaDfConfig {
  // Network (card section 2)
  int width = 64;                 ///< channels of the first stage; features have 8 × width
  std::string branches = "dual";  ///< single: the target branch alone, trained on labels: the baseline
  bool freeze_stem = false;       ///< stem and first stage get no gradient; their norms go on learning
  double drop_rate = 0;           ///< dropout on the shared features
  bool ten_crop = false;          ///< ten looks at each picture (crops.h), in training and prediction
  // Losses (section 3)
  std::string target = "fused";            ///< fused|label|class|onehot
  std::string fusion_weight = "adaptive";  ///< or a number 0..1 for all samples
  double w_min = 0.2, w_max = 1;
  bool rank_loss = true;
  double rank_margin = 0.07, rank_share = 0.7;
  std::string ramp = "schedule";  ///< or a number α: weights α and 1 - α
  double beta = 3;
  double label_smoothing = 0;
  bool detach_target = false;
  // Class distributions
  double threshold = 0.7;
  std::string distribution_source = "eval_augmented";  ///< eval_augmented|eval_clean|train_running
  std::string distribution_update = "epoch";           ///< epoch|never
  bool sharpen = false;
  bool reference_quirks = false;
  // Recipe (section 4)
  std::string sampler = "shuffle";
  std::string augment = "raf-db";
  std::string backbone;  ///< safetensors with a torchvision-named ResNet-18; empty: He-normal
  method::OptimiserOptions optimiser;
  AdaDfConfig();

  bool dual() const { return branches == "dual"; }
  /// fusion_weight and ramp as numbers; nothing where they follow samples or epochs.
  std::optional<double> fixed_weight() const;
  std::optional<double> fixed_ramp() const;
};

void declare(Fields& fields, AdaDfConfig& config);

/// Throws usage where fields contradict each other.
void check(const AdaDfConfig& config);

}  // namespace mien::methods::ada_df
