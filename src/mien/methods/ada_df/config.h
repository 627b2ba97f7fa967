// SPDX-License-Identifier: Apache-2.0
// Ada-DF's configuration: every ablation is a field. Defaults are the reference's RAF-DB recipe, except for the stem:
// the frozen face-pretrained backbone cannot be shipped, so without one the stem is trained.
#pragma once

#include <memory>
#include <optional>

#include "mien/method/common_config.h"

namespace mien::methods::ada_df {

enum class Branches { dual, single };
constexpr auto words_of(Branches) { return std::array{"dual", "single"}; }

enum class Target { fused, label, class_, onehot };
constexpr auto words_of(Target) { return std::array{"fused", "label", "class", "onehot"}; }

enum class DistributionSource { eval_augmented, eval_clean, train_running };
constexpr auto words_of(DistributionSource) { return std::array{"eval_augmented", "eval_clean", "train_running"}; }

enum class DistributionUpdate { epoch, never };
constexpr auto words_of(DistributionUpdate) { return std::array{"epoch", "never"}; }

enum class Augment { raf_db, sfew, ferplus, none };
constexpr auto words_of(Augment) { return std::array{"raf-db", "sfew", "ferplus", "none"}; }

struct AdaDfConfig : method::CommonConfig {
  // Network (card section 2)
  int width = 64;                      ///< channels of the first stage; features have 8 × width
  Branches branches = Branches::dual;  ///< single: only the target branch, trained on labels: the baseline
  bool freeze_stem = false;            ///< stem and first stage get no gradient; their norms still update
  double drop_rate = 0;                ///< dropout on the shared features
  bool ten_crop = false;               ///< ten crops of each picture (crops.h), in training and prediction
  // Losses (section 3)
  Target target = Target::fused;           ///< target of the target branch
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
  DistributionSource distribution_source = DistributionSource::eval_augmented;
  DistributionUpdate distribution_update = DistributionUpdate::epoch;
  bool sharpen = false;
  bool reference_quirks = false;
  // Recipe (section 4)
  Augment augment = Augment::raf_db;
  AdaDfConfig();

  bool dual() const { return branches == Branches::dual; }
  /// fusion_weight and ramp as numbers; nothing if they depend on samples or epochs.
  std::optional<double> fixed_weight() const;
  std::optional<double> fixed_ramp() const;
};

void declare(Fields& fields, AdaDfConfig& config);
/// Computes the tensors of the golden file.
void golden(method::GoldenScribe& scribe);
/// The method's entry in the registry.
std::unique_ptr<method::MethodConfig> make_config();

/// Throws usage if fields contradict each other.
void check(const AdaDfConfig& config);

}  // namespace mien::methods::ada_df
