// SPDX-License-Identifier: Apache-2.0
// FDRL's configuration: every ablation is a field. Defaults are the paper's, with the mean of the sigmoids as intra
// weight (card section 3, preset `default`); configs/fdrl/paper-literal.toml has the printed sum.
#pragma once

#include <memory>

#include "mien/method/common_config.h"

namespace mien::methods::fdrl {

enum class IntraNorm { mean, sum };
constexpr auto words_of(IntraNorm) { return std::array{"mean", "sum"}; }

enum class Skip { intra, message };
constexpr auto words_of(Skip) { return std::array{"intra", "message"}; }

enum class Distance { euclidean, cosine };
constexpr auto words_of(Distance) { return std::array{"euclidean", "cosine"}; }

enum class BalanceReduction { paper, reimplementation };
constexpr auto words_of(BalanceReduction) { return std::array{"paper", "reimplementation"}; }

enum class Centers { center_loss, gradient, fixed };
constexpr auto words_of(Centers) { return std::array{"center-loss", "gradient", "fixed"}; }

enum class Augment { paper, ddl_sfew, ddl_crops, reimplementation, ferplus, none };
constexpr auto words_of(Augment) {
  return std::array{"paper", "ddl-sfew", "ddl-crops", "reimplementation", "ferplus", "none"};
}

struct FdrlConfig : method::CommonConfig {
  // Network (card section 2)
  int width = 64;                           ///< channels of the first stage; features have P = 8 × width
  bool fdn = true;                          ///< off: backbone and one linear layer, the baseline
  bool intra = true;                        ///< off: f = l
  bool inter = true;                        ///< off: y_j = f_j
  int num_latent = 9;                       ///< M
  int latent_dim = 128;                     ///< D
  double delta = 0.5;                       ///< share of the intra-aware feature
  IntraNorm intra_norm = IntraNorm::mean;   ///< of the sigmoids
  Skip skip = Skip::intra;                  ///< the term weighted by δ
  Distance distance = Distance::euclidean;  ///< of two messages
  double dropout = 0;                       ///< on the expression feature
  // Losses (section 3)
  double lambda_compactness = 1e-4, lambda_balance = 1, lambda_distribution = 1e-4;
  BalanceReduction balance_reduction = BalanceReduction::paper;  ///< reimplementation: N times as much
  Centers centers = Centers::center_loss;
  double center_rate = 0.5;  ///< ρ
  double votes = 0;          ///< share of the vote distribution in the target
  // Recipe (section 4)
  Augment augment = Augment::paper;
  FdrlConfig();

  /// The weights α exist: needed by the balance and distribution losses.
  bool has_weights() const { return fdn && intra; }
};

void declare(Fields& fields, FdrlConfig& config);
/// Computes the tensors of the golden file.
void golden(method::GoldenScribe& scribe);
/// The method's entry in the registry.
std::unique_ptr<method::MethodConfig> make_config();

}  // namespace mien::methods::fdrl
