// SPDX-License-Identifier: Apache-2.0
#include "support/method_case.h"

namespace mien::methods::scan_cci {

testing::MethodCase method_case() {
  namespace effect = testing::effect;
  return {.tiny = {"model.trunk=small", "model.window=3", "augment=none"},
          .side = 48,
          .flags = {{{"model.local=false"}, effect::parameters()},
                    {{"model.global=false"}, effect::parameters()},
                    {{"model.local=false", "model.global=false"}, effect::vanishes("attention")},
                    {{"model.unit=spatial"}, effect::logits()},
                    {{"model.unit=channel"}, effect::logits()},
                    {{"model.unit=none"}, effect::parameters()},
                    {{"model.shared=true"}, effect::parameters()},
                    {{"model.window=6"}, effect::parameters()},
                    {{"model.window=5"}, effect::parameters()},
                    {{"model.pool=mean"}, effect::logits()},
                    {{"model.cci=false"}, effect::vanishes("regions")},
                    {{"model.eca=false"}, effect::parameters()},
                    {{"model.regions=1"}, effect::logits()},
                    {{"model.heads=cci"}, effect::logits()},
                    {{"loss.attention_weight=0.8"}, effect::weight("attention")},
                    {{"loss.reweight=true"},
                     effect::stage("classes are counted",
                                   [](const method::Stage& s) { return s.hooks.stage_begin != nullptr; })},
                    {{"train.norms_after_first_epoch=frozen"},
                     effect::stage("norms are frozen after the first epoch",
                                   [](const method::Stage& s) { return !s.inference_norms.empty(); })},
                    {{"optimiser.base_rate_factor=1"},
                     effect::stage("the base learns at the full rate",
                                   [](const method::Stage& s) { return s.players[0].groups[0].rate_factor == 1; })},
                    {{"augment=card"}, effect::views()},
                    {{"augment=ferplus"}, effect::views()},
                    {{"sampler=shuffle"}, effect::stage("each picture once", [](const method::Stage& s) {
                       return s.needs.sampler == batch::Sampler::shuffle;
                     })}}};
}

}  // namespace mien::methods::scan_cci
