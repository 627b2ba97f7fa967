// SPDX-License-Identifier: Apache-2.0
// DAN's configuration: every published ablation is a field. Defaults are the reference code's RAF-DB recipe.
#pragma once

#include <string>

#include "mien/base/config.h"
#include "mien/method/optimiser_options.h"

namespace mien::methods::dan {

struct DanConfig {
  // Network (card sections 2.1-2.3)
  int heads = 4;                        ///< attention heads; 0: plain ResNet-18 with pooling and fc, the baseline
  int width = 64;                       ///< channels of the first stage; features have 8 × width
  int reduction = 16;                   ///< channel unit: 8·width / reduction hidden units
  bool spatial = true, channel = true;  ///< the two units of each head
  std::string fusion = "logsoftmax";    ///< logsoftmax|none across heads
  bool final_bn = true;                 ///< batch norm on the logits
  double dropout = 0;                   ///< before fc
  // Losses (section 3)
  double affinity_weight = 1;
  std::string affinity_kind = "affinity";  ///< center: without the division by the centres' spread
  int affinity_centers = 0;                ///< 0: one per class; 8 repeats the reference's RAF-DB script
  double partition_weight = 1;
  std::string partition_form = "code";  ///< code: logarithm of the mean variance; paper: mean of logarithms
  double partition_eps = 2.220446049250313e-16;
  double votes = 0;  ///< share of the vote distribution in the target
  // Recipe (section 4)
  std::string sampler = "shuffle";
  std::string augment = "raf-db";
  std::string backbone;  ///< file with a torchvision-named ResNet-18; empty: He-normal
  method::OptimiserOptions optimiser;
  DanConfig();
};

void declare(Fields& fields, DanConfig& config);

}  // namespace mien::methods::dan
