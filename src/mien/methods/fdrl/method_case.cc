// SPDX-License-Identifier: Apache-2.0
#include "support/method_case.h"

namespace mien::methods::fdrl {

testing::MethodCase method_case() {
  namespace effect = testing::effect;
  return {
      .tiny = {"model.width=16", "model.latent_dim=16", "augment=none"},
      .side = 48,
      .flags = {{{"model.fdn=false"}, effect::vanishes("compactness")},
                {{"model.intra=false"}, effect::vanishes("balance")},
                {{"model.inter=false"}, effect::vanishes("relation")},
                {{"model.num_latent=5"}, effect::parameters()},
                {{"model.latent_dim=24"}, effect::parameters()},
                {{"model.delta=0.2"}, effect::logits()},
                {{"model.intra_norm=sum"}, effect::logits()},
                {{"model.skip=message"}, effect::logits()},
                {{"model.distance=cosine"}, effect::logits()},
                {{"model.dropout=0.3"}, effect::term("cross_entropy")},
                {{"loss.votes=0.7"}, effect::term("cross_entropy")},
                {{"loss.lambda_compactness=0"}, effect::weight("compactness")},
                {{"loss.lambda_balance=0"}, effect::weight("balance")},
                {{"loss.lambda_distribution=0"}, effect::weight("distribution")},
                {{"loss.balance_reduction=reimplementation"}, effect::term("balance")},
                {{"loss.centers=gradient"},
                 effect::stage("the centres are a separate group",
                               [](const method::Stage& s) { return s.players[0].groups.size() == 2; })},
                {{"loss.centers=fixed"}, effect::state("distribution.centers")},
                {{"loss.center_rate=0.1"}, effect::state("distribution.centers")},
                {{"augment=paper"}, effect::views()},
                {{"augment=ddl-sfew"}, effect::views()},
                {{"augment=ddl-crops"}, effect::views()},
                {{"augment=reimplementation"}, effect::views()},
                {{"augment=ferplus"}, effect::views()},
                {{"sampler=inverse-frequency"}, effect::stage("drawn by inverse frequency", [](const method::Stage& s) {
                   return s.needs.sampler == batch::Sampler::inverse_frequency;
                 })}}};
}

}  // namespace mien::methods::fdrl
