// SPDX-License-Identifier: Apache-2.0
#include "support/method_case.h"

namespace mien::methods::ifer {

/// The suite tests the first stage's first turn, the critic of the generator; method_test.cc tests the others.
testing::MethodCase method_case() {
  namespace effect = testing::effect;
  const auto turns = [](std::size_t count) {
    return [count](const method::Stage& stage) { return stage.turns.size() == count; };
  };
  return {.tiny = {"model.preset=small", "model.drop_path=0", "model.layer_scale=0.1", "generator.epochs=1",
                   "generator.batch_size=16", "inversion.epochs=1", "inversion.batch_size=16", "loss.lpips.weight=0",
                   "loss.identity.weight=0", "augment=none"},
          .side = 64,
          .flags = {{{"model.layer_scale=1"}, effect::logits()},
                    {{"model.style_head=conv"}, effect::parameters()},
                    {{"model.head=structure"}, effect::parameters()},
                    {{"model.head=latent"}, effect::parameters()},
                    {{"model.global_query=corrected"}, effect::logits()},
                    {{"generator.mixing=0"}, effect::total()},
                    {{"loss.r1.weight=0"}, effect::stage("without the penalty", turns(3))},
                    {{"loss.path.weight=0"}, effect::stage("without path lengths", turns(3))},
                    {{"generator.batch_size=8"}, effect::stage("batches of eight", [](const method::Stage& stage) {
                       return stage.needs.batch_size == 8;
                     })}}};
}

}  // namespace mien::methods::ifer
