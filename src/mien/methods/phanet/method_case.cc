// SPDX-License-Identifier: Apache-2.0
#include "support/method_case.h"

namespace mien::methods::phanet {

testing::MethodCase method_case() {
  namespace effect = testing::effect;
  return {.tiny = {"model.trunk=small", "augment=none"},
          .side = 48,
          .flags = {{{"model.attention=flat"}, effect::logits()},
                    {{"model.attention=none"}, effect::logits()},
                    {{"model.scales=[2, 3]"}, effect::parameters()},
                    {{"model.soft_share=0"}, effect::state("selection.has_begun")},
                    {{"model.soft_share=0", "model.select_k=1"}, effect::logits()},
                    {{"model.soft_share=0", "model.select=soft"}, effect::state("selection.has_begun")},
                    {{"model.select=concat"}, effect::logits()},
                    {{"model.pose=false"}, effect::vanishes("pose")},
                    {{"model.pose_guided=false"}, effect::parameters()},
                    {{"model.pose_edges=[-20, 20]"}, effect::parameters()},
                    {{"model.dropout=0.5"}, effect::term("expression")},
                    {{"loss.attention=false"}, effect::vanishes("attention")},
                    {{"loss.weights=dynamic"}, effect::parameters()},
                    {{"loss.weights=fixed"}, effect::parameters()},
                    {{"loss.weights=fixed", "loss.side_weight=0.1"}, effect::term("attention")},
                    {{"augment=card"}, effect::views()},
                    {{"augment=ferplus"}, effect::views()},
                    {{"optimiser.backbone_rate_factor=1"},
                     effect::stage("the backbone learns at the full rate",
                                   [](const method::Stage& s) { return s.players[0].groups[0].rate_factor == 1; })},
                    {{"optimiser.weights_rate_factor=1"},
                     effect::stage("the loss weights learn at the full rate",
                                   [](const method::Stage& s) { return s.players[0].groups[2].rate_factor == 1; })}}};
}

}  // namespace mien::methods::phanet
