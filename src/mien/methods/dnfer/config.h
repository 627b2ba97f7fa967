// SPDX-License-Identifier: Apache-2.0
// DNFER's configuration: every ablation is a field. Defaults are the reference code's RAF-DB recipe.
#pragma once

#include <string>

#include "mien/base/config.h"
#include "mien/method/optimiser_options.h"

namespace mien::methods::dnfer {

/// What the strong view does beyond the weak one.
struct StrongOptions {
  int operations = 2;
  double level = 10, probability = 0.5;
  bool cutout = true;
};

struct DnferConfig {
  // Network (card section 2)
  int width = 64;        ///< channels of the first stage; features have 8 × width
  std::string backbone;  ///< ResNet-18 with torchvision's names; empty: He-normal
  // Losses (section 3)
  int warmup_epochs = 5;
  double alpha = 0.5;              ///< weight of the consistency; the supervised loss has 1 - alpha
  std::string select = "dynamic";  ///< dynamic|fixed|none
  double fixed_threshold = 0.5;
  std::string threshold_scope = "batch";  ///< batch|epoch
  std::string mask = "per-view";          ///< per-view|weak
  std::string consistency = "symkl";      ///< symkl|js|none
  std::string log_base = "2";             ///< 2|e
  // Views and recipe (section 4)
  std::string views = "weak+strong";  ///< weak+strong|weak+weak|weak
  std::string augment = "raf-db";     ///< raf-db|ferplus|none
  StrongOptions strong;
  bool reference_quirks = false;
  std::string sampler = "shuffle";
  double classifier_rate_factor = 10;
  method::OptimiserOptions optimiser;
  DnferConfig();

  bool two_views() const { return views != "weak"; }
  bool consistent() const { return two_views() && consistency != "none"; }
};

void declare(Fields& fields, DnferConfig& config);

}  // namespace mien::methods::dnfer
