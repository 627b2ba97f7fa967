// SPDX-License-Identifier: Apache-2.0
#include "support/method_case.h"

namespace mien::methods::ada_df {

testing::MethodCase method_case() {
  namespace effect = testing::effect;
  const auto renews_table = [](const method::Stage& stage) { return stage.hooks.epoch_end != nullptr; };
  return {.tiny = {"model.width=16", "augment=none"},
          .side = 48,
          .epoch = 2,
          .flags = {
              {{"model.branches=single", "loss.target=onehot"}, effect::vanishes("kl")},
              {{"model.freeze_stem=true"},
               effect::stage("the stem is frozen", [](const method::Stage& s) { return !s.frozen.empty(); })},
              {{"model.drop_rate=0.3"}, effect::term("cross_entropy")},
              {{"model.ten_crop=true"}, effect::views()},
              {{"loss.target=label"}, effect::term("kl")},
              {{"loss.target=class"}, effect::term("kl")},
              {{"loss.target=onehot"}, effect::term("kl")},
              {{"loss.fusion_weight=0.4"}, effect::term("kl")},
              {{"loss.w_min=0.5"}, effect::term("kl")},
              {{"loss.w_max=0.5"}, effect::term("kl")},
              {{"loss.rank_loss=false"}, effect::term("rank")},
              {{"loss.rank_margin=0.5"}, effect::term("rank")},
              {{"loss.rank_share=0.25"}, effect::term("rank")},
              {{"loss.ramp=0.3"}, effect::weight("kl")},
              {{"loss.beta=5"}, effect::weight("kl")},
              {{"loss.label_smoothing=0.1"}, effect::term("cross_entropy")},
              {{"loss.detach_target=true"}, effect::gradient()},
              {{"class_distribution.threshold=0.5"}, effect::term("kl")},
              {{"class_distribution.source=train_running"}, effect::state_appears("class_sums")},
              {{"class_distribution.update=never"},
               effect::stage("the table does not change", [=](const method::Stage& s) { return !renews_table(s); })},
              {{"augment=raf-db"}, effect::views()},
              {{"augment=sfew"}, effect::views()},
              {{"augment=ferplus"}, effect::views()},
              {{"sampler=equal-per-class"}, effect::stage("draws each class equally often", [](const method::Stage& s) {
                 return s.needs.sampler == batch::Sampler::equal_per_class;
               })}}};
}

}  // namespace mien::methods::ada_df
