// SPDX-License-Identifier: Apache-2.0
#include "support/method_case.h"

namespace mien::methods::dan {

testing::MethodCase method_case() {
  namespace effect = testing::effect;
  return {.tiny = {"model.width=16", "augment=none"},
          .flags = {{{"model.heads=0"}, effect::vanishes("affinity")},
                    {{"model.heads=1"}, effect::parameters()},
                    {{"model.heads=8"}, effect::parameters()},
                    {{"model.reduction=8"}, effect::parameters()},
                    {{"model.spatial=false"}, effect::parameters()},
                    {{"model.channel=false"}, effect::parameters()},
                    {{"model.fusion=none"}, effect::logits()},
                    {{"model.final_bn=false"}, effect::parameters()},
                    {{"model.dropout=0.3"}, effect::term("cross_entropy")},
                    {{"loss.affinity.kind=center"}, effect::term("affinity")},
                    {{"loss.affinity.centers=12"}, effect::term("affinity")},
                    {{"loss.affinity.weight=0"}, effect::vanishes("affinity")},
                    {{"loss.partition.form=paper"}, effect::term("partition")},
                    {{"loss.partition.eps=0.5"}, effect::term("partition")},
                    {{"loss.votes=0.7"}, effect::term("cross_entropy")},
                    {{"loss.partition.weight=0"}, effect::vanishes("partition")},
                    {{"augment=raf-db"}, effect::views()},
                    {{"augment=affectnet"}, effect::views()},
                    {{"augment=ferplus"}, effect::views()},
                    {{"sampler=inverse-frequency"},
                     effect::stage("drawn by inverse frequency", [](const method::Stage& stage) {
                       return stage.needs.sampler == batch::Sampler::inverse_frequency;
                     })}}};
}

}  // namespace mien::methods::dan
