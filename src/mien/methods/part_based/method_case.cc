// SPDX-License-Identifier: Apache-2.0
#include "support/method_case.h"

namespace mien::methods::part_based {

testing::MethodCase method_case() {
  namespace effect = testing::effect;
  return {
      .tiny = {"model.parts=[\"eyes\", \"mouth\"]", "init.bodies=random", "expression.cache=false",
               "expression.epochs=1", "expression.steps=0", "expression.recalibrate=2", "augment=none"},
      .is_same_in_training = true,  // the first stage trains a head on a frozen body in inference mode
      .flags = {{{"model.parts=[\"eyes\"]"}, effect::parameters()},
                {{"model.width=32"}, effect::parameters()},
                {{"model.landmark_layers=3"}, effect::parameters()},
                {{"model.ensemble=product"}, effect::logits()},
                {{"model.ensemble=vote"}, effect::logits()},
                {{"model.ensemble=stack"}, effect::parameters()},
                {{"init.bodies=landmarks"}, effect::appears("landmarks")},
                {{"expression.freeze_features=false"},
                 effect::stage("trains the body", [](const method::Stage& stage) { return stage.frozen.empty(); })},
                {{"expression.patience=3"},
                 effect::stage("waits three epochs", [](const method::Stage& stage) { return stage.patience == 3; })},
                {{"expression.steps=7"},
                 effect::stage("has seven steps",
                               [](const method::Stage& stage) { return stage.needs.steps_per_epoch == 7; })},
                {{"augment=reference"}, effect::views()},
                {{"sampler=capped-batches"}, effect::stage("caps its batches", [](const method::Stage& stage) {
                   return stage.needs.sampler == batch::Sampler::capped_batches;
                 })}}};
}

}  // namespace mien::methods::part_based
