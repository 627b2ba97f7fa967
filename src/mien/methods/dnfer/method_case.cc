// SPDX-License-Identifier: Apache-2.0
#include "support/method_case.h"

namespace mien::methods::dnfer {

testing::MethodCase method_case() {
  namespace effect = testing::effect;
  return {.tiny = {"model.width=16"},
          .rows = 6,
          .epoch = 5,
          .flags = {
              {{"loss.warmup_epochs=10"}, effect::weight("consistency")},
              {{"loss.alpha=0"}, effect::weight("consistency")},
              {{"loss.alpha=1"}, effect::weight("supervised")},
              {{"loss.select=fixed", "loss.fixed_threshold=0.9"}, effect::term("clean_weak")},
              {{"loss.select=none"}, effect::term("clean_weak")},
              {{"loss.mask=weak"}, effect::term("supervised")},
              {{"loss.consistency=js"}, effect::term("consistency")},
              {{"loss.consistency=none"}, effect::vanishes("consistency")},
              {{"loss.consistency_log_base=e"}, effect::term("consistency")},
              {{"views=weak+weak"}, effect::views()},
              {{"views=weak"}, effect::vanishes("clean_strong")},
              {{"augment=ferplus"}, effect::views()},
              {{"augment=none"}, effect::views()},
              {{"strong.operations=0"}, effect::views()},
              {{"strong.operations=14"}, effect::views()},
              {{"strong.level=5"}, effect::views()},
              {{"strong.probability=1"}, effect::views()},
              {{"strong.cutout=false"}, effect::views()},
              {{"reference_quirks=true"}, effect::views()},
              {{"optimiser.classifier_rate_factor=1"},
               effect::stage("the classifier learns at the trunk's rate",
                             [](const method::Stage& s) { return s.players[0].groups[1].rate_factor == 1; })},
              {{"sampler=equal-per-class"}, effect::stage("draws each class equally often", [](const method::Stage& s) {
                 return s.needs.sampler == batch::Sampler::equal_per_class;
               })}}};
}

}  // namespace mien::methods::dnfer
