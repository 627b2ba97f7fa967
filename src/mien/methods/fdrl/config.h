// SPDX-License-Identifier: Apache-2.0
// FDRL's configuration: every ablation is a field. Defaults are the paper's, with the mean of the sigmoids as intra
// weight (card section 3, preset `default`); configs/fdrl/paper-literal.toml has the printed sum.
#pragma once

#include <string>

#include "mien/base/config.h"
#include "mien/method/optimiser_options.h"

namespace mien::methods::fdrl {

struct FdrlConfig {
  // Network (card section 2)
  int width = 64;                      ///< channels of the first stage; features have P = 8 × width
  bool fdn = true;                     ///< off: backbone and one linear layer, the baseline
  bool intra = true;                   ///< off: f = l
  bool inter = true;                   ///< off: y_j = f_j
  int num_latent = 9;                  ///< M
  int latent_dim = 128;                ///< D
  double delta = 0.5;                  ///< share of the intra-aware feature
  std::string intra_norm = "mean";     ///< mean|sum of the sigmoids
  std::string skip = "intra";          ///< intra|message: what δ weighs
  std::string distance = "euclidean";  ///< euclidean|cosine
  double dropout = 0;                  ///< on the expression feature
  // Losses (section 3)
  double lambda_compactness = 1e-4, lambda_balance = 1, lambda_distribution = 1e-4;
  std::string balance_reduction = "paper";  ///< paper|reimplementation (N times as much)
  std::string centers = "center-loss";      ///< center-loss|gradient|fixed
  double center_rate = 0.5;                 ///< ρ
  double votes = 0;                         ///< share of the vote distribution in the target
  // Recipe (section 4)
  std::string augment = "paper";
  std::string sampler = "shuffle";
  std::string backbone;  ///< file with a torchvision-named ResNet-18; empty: He-normal
  method::OptimiserOptions optimiser;
  FdrlConfig();

  /// The weights α exist: needed by the balance and distribution losses.
  bool has_weights() const { return fdn && intra; }
};

void declare(Fields& fields, FdrlConfig& config);

}  // namespace mien::methods::fdrl
