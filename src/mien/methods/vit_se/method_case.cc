// SPDX-License-Identifier: Apache-2.0
#include "support/method_case.h"

namespace mien::methods::vit_se {

testing::MethodCase method_case() {
  namespace effect = testing::effect;
  const auto mixes = [](const method::Stage& stage) { return stage.needs.wrap != nullptr; };
  return {.tiny = {"model.preset=tiny", "model.depth=2", "augment=none", "mixup.alpha=0", "cutout.squares=0"},
          .is_same_in_training = true,
          .flags = {{{"model.preset=small"}, effect::parameters()},
                    {{"model.depth=1"}, effect::parameters()},
                    {{"model.attention_scale=embed"}, effect::logits()},
                    {{"model.se=false"}, effect::vanishes("gate_spread")},
                    {{"model.se_ratio=2"}, effect::parameters()},
                    {{"model.se_activation=relu"}, effect::logits()},
                    {{"model.freeze_backbone=true"},
                     effect::stage("the backbone is frozen",
                                   [](const method::Stage& stage) { return stage.frozen.size() == 1; })},
                    {{"loss.kind=focal_batch"}, effect::appears("focal_batch")},
                    {{"loss.votes=0.7"}, effect::term("cross_entropy")},
                    {{"mixup.alpha=1"}, effect::stage("mixes its batches", mixes)},
                    {{"cutout.squares=1"}, effect::views()},
                    {{"cutout.squares=1", "cutout.side=4"}, effect::views()},
                    {{"augment=reference"}, effect::views()},
                    {{"augment=reference-augment"}, effect::views()},
                    {{"augment=reference-regularise"}, effect::views()},
                    {{"augment=ferplus"}, effect::views()},
                    {{"sampler=inverse-frequency"},
                     effect::stage("drawn by inverse frequency", [](const method::Stage& stage) {
                       return stage.needs.sampler == batch::Sampler::inverse_frequency;
                     })}}};
}

}  // namespace mien::methods::vit_se
