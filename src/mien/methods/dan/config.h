// SPDX-License-Identifier: Apache-2.0
// DAN's configuration: every published ablation is a field. Defaults are the reference code's RAF-DB recipe.
#pragma once

#include <memory>

#include "mien/method/common_config.h"

namespace mien::methods::dan {

enum class Fusion { log_softmax, none };
constexpr auto words_of(Fusion) { return std::array{"logsoftmax", "none"}; }

enum class AffinityKind { affinity, center };
constexpr auto words_of(AffinityKind) { return std::array{"affinity", "center"}; }

enum class PartitionForm { code, paper };
constexpr auto words_of(PartitionForm) { return std::array{"code", "paper"}; }

enum class Augment { raf_db, affectnet, ferplus, none };
constexpr auto words_of(Augment) { return std::array{"raf-db", "affectnet", "ferplus", "none"}; }

struct DanConfig : method::CommonConfig {
  // Network (card sections 2.1-2.3)
  int heads = 4;                        ///< attention heads; 0: plain ResNet-18 with pooling and fc, the baseline
  int width = 64;                       ///< channels of the first stage; features have 8 × width
  int reduction = 16;                   ///< channel unit: 8·width / reduction hidden units
  bool spatial = true, channel = true;  ///< the two units of each head
  Fusion fusion = Fusion::log_softmax;  ///< across heads
  bool final_bn = true;                 ///< batch norm on the logits
  double dropout = 0;                   ///< before fc
  // Losses (section 3)
  double affinity_weight = 1;
  AffinityKind affinity_kind = AffinityKind::affinity;  ///< center: without the division by the centres' spread
  int affinity_centers = 0;                             ///< 0: one per class; 8 repeats the reference's RAF-DB script
  double partition_weight = 1;
  PartitionForm partition_form = PartitionForm::code;  ///< logarithm of the mean variance, or mean of logarithms
  double partition_eps = 2.220446049250313e-16;
  double votes = 0;  ///< share of the vote distribution in the target
  // Recipe (section 4)
  Augment augment = Augment::raf_db;
  DanConfig();
};

void declare(Fields& fields, DanConfig& config);
/// Computes the tensors of the golden file.
void golden(method::GoldenScribe& scribe);
/// The method's entry in the registry.
std::unique_ptr<method::MethodConfig> make_config();

}  // namespace mien::methods::dan
