// SPDX-License-Identifier: Apache-2.0
// ViT-SE's configuration: every ablation of the card is a field. Defaults are the recipe of the first author's later
// code (card 4.1).
#pragma once

#include <memory>

#include "mien/face/input_spec.h"
#include "mien/method/common_config.h"
#include "mien/methods/vit_se/vision_transformer.h"

namespace mien::methods::vit_se {

enum class Preset { small, base, tiny };
constexpr auto words_of(Preset) { return std::array{"small", "base", "tiny"}; }

enum class AttentionScale { automatic, embed, head };
constexpr auto words_of(AttentionScale) { return std::array{"auto", "embed", "head"}; }

enum class GateActivation { sigmoid, relu };
constexpr auto words_of(GateActivation) { return std::array{"sigmoid", "relu"}; }

enum class LossKind { cross_entropy, focal_batch };
constexpr auto words_of(LossKind) { return std::array{"cross_entropy", "focal_batch"}; }

enum class Augment { reference, reference_augment, reference_regularise, ferplus, none };
constexpr auto words_of(Augment) {
  return std::array{"reference", "reference-augment", "reference-regularise", "ferplus", "none"};
}

struct VitSeConfig : method::CommonConfig {
  // Network (card 2)
  Preset preset = Preset::small;
  int depth = 0;  ///< blocks; 0: the preset's
  AttentionScale attention_scale = AttentionScale::automatic;
  bool se = true;    ///< false: plain ViT with one linear layer
  int se_ratio = 4;  ///< D / hidden units of the gate
  GateActivation se_activation = GateActivation::sigmoid;
  bool freeze_backbone = false;
  // Loss (card 3)
  LossKind loss = LossKind::cross_entropy;
  double votes = 0;  ///< share of the vote distribution in the target
  // Recipe (card 4.1)
  Augment augment = Augment::reference;
  double mixup_alpha = 1;  ///< of Beta(alpha, alpha); 0: no mixup
  int cutout_squares = 1;  ///< per picture; 0: none
  int cutout_side = 16;    ///< pixels
  VitSeConfig();
};

void declare(Fields& fields, VitSeConfig& config);

/// The preset's transformer for pictures of the `input` form. With `reference` and `reference-augment` the network gets
/// a window of 7/8 of their side, rounded to whole patches (224 of 256 pixels), the centre in prediction; otherwise
/// the whole. Throws usage if the size is not a multiple of the patch.
VitOptions vit_options(const VitSeConfig& config, const face::InputSpec& input);

/// Computes the tensors of the golden file.
void golden(method::GoldenScribe& scribe);
/// The method's entry in the registry.
std::unique_ptr<method::MethodConfig> make_config();

}  // namespace mien::methods::vit_se
