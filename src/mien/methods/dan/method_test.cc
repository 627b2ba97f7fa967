// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/config.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "support/method_case.h"

namespace mien::methods::dan {

testing::MethodCase method_case();

namespace {

TEST(DanMethod, BiasBeforeTheFinalNormHasNoGradient) {
  auto method = testing::build(*make_config(), method_case());
  const auto stage = method->stages().front();
  method->network().train();
  method::total(stage.turns.front().losses(testing::batch_for(stage, method_case()), {})).backward();
  const auto parameters = method->network().named_parameters();
  EXPECT_LT(parameters["fc.bias"].grad().norm().item<double>(),
            1e-5 * parameters["fc.weight"].grad().norm().item<double>());
}

TEST(DanMethod, BeginsFromTheBackboneOfAPlainRun) {
  const auto config = make_config();
  const auto taken = testing::backbone_of_another_run(*config, method_case(), "features.", {"model.heads=0"});
  EXPECT_EQ(taken.fault, "");
  EXPECT_EQ(taken.entries, 120);  // 20 convolutions, 20 norms of five tensors each
  EXPECT_THROW(
      testing::backbone_of_another_run(*config, method_case(), "features.", {"model.heads=0", "model.width=32"}),
      Error);
}

TEST(DanMethod, TooFewCentresAreRefused) {
  EXPECT_THROW(testing::build(*make_config(), method_case(), {"loss.affinity.centers=3"}), Error);
}

}  // namespace
}  // namespace mien::methods::dan
