// SPDX-License-Identifier: Apache-2.0
// PhaNet's configuration: every part that the abstract names is a field. There is no published code: the architecture
// is our reconstruction (card, section 2), and the defaults are ours.
#pragma once

#include <memory>
#include <vector>

#include "mien/method/common_config.h"

namespace mien::methods::phanet {

enum class Trunk { densenet121, small };
constexpr auto words_of(Trunk) { return std::array{"densenet121", "small"}; }

enum class Attention { hierarchical, flat, none };
constexpr auto words_of(Attention) { return std::array{"hierarchical", "flat", "none"}; }

enum class Selection { top, soft, concat };
constexpr auto words_of(Selection) { return std::array{"top", "soft", "concat"}; }

enum class LossWeights { uncertainty, dynamic, fixed };
constexpr auto words_of(LossWeights) { return std::array{"uncertainty", "dynamic", "fixed"}; }

enum class Augment { card, ferplus, none };
constexpr auto words_of(Augment) { return std::array{"card", "ferplus", "none"}; }

struct PhanetConfig : method::CommonConfig {
  // Network (card section 2)
  Trunk trunk = Trunk::densenet121;
  Attention attention = Attention::hierarchical;
  std::vector<double> scales{0, 1, 2, 3};  ///< fine to coarse, ascending
  Selection select = Selection::top;
  int select_k = 2;             ///< scales kept for each face
  double soft_share = 1.0 / 3;  ///< share of the epochs that use all scales, before the selection starts
  bool pose = true;             ///< pose head and its loss
  bool pose_guided = true;      ///< the pose influences the choice of scales
  std::vector<double> pose_edges{-50, -20, 20, 50};  ///< yaw in degrees between the pose classes, ascending
  double dropout = 0;                                ///< before the expression classifier
  // Losses (section 3)
  bool attention_loss = true;  ///< a classification loss per scale
  LossWeights loss_weights = LossWeights::uncertainty;
  double side_weight = 1;  ///< λ of the pose and attention losses with dynamic and fixed weights
  // Recipe (section 4)
  Augment augment = Augment::card;
  double backbone_rate_factor = 0.2;  ///< rate of the backbone relative to the new layers
  double weights_rate_factor = 0.1;   ///< rate of the learned loss weights relative to the new layers
  PhanetConfig();

  bool guided() const { return pose && pose_guided; }
  std::int64_t num_poses() const { return static_cast<std::int64_t>(pose_edges.size()) + 1; }
};

void declare(Fields& fields, PhanetConfig& config);
/// Throws usage if fields contradict each other.
void check(const PhanetConfig& config);
/// Computes the tensors of the golden file.
void golden(method::GoldenScribe& scribe);
/// The method's entry in the registry.
std::unique_ptr<method::MethodConfig> make_config();

}  // namespace mien::methods::phanet
