// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/config.h"

#include <gtest/gtest.h>

#include <map>

#include "mien/base/error.h"
#include "mien/nn/state.h"
#include "support/method_case.h"
#include "support/temp_dir.h"

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
  const auto build = [](const std::vector<std::string>& settings, std::uint64_t seed) {
    return testing::build(*make_config(), method_case(), settings, seed);
  };
  auto plain = build({"model.heads=0"}, 5);
  const testing::TempDir dir;
  nn::write_safetensors(dir / "best.safetensors", nn::state_of(plain->network()), {});
  const std::string backbone = "init.backbone=" + (dir / "best.safetensors").string();
  auto dan = build({backbone}, 6);
  std::map<std::string, at::Tensor> source;
  for (const auto& [key, value] : nn::state_of(plain->network())) source.emplace(key, value);
  int same = 0;
  for (const auto& [key, value] : nn::state_of(dan->network()))
    if (key.starts_with("features.")) {
      EXPECT_TRUE(value.equal(source.at(key))) << key;
      ++same;
    }
  EXPECT_EQ(same, 120);  // 20 convolutions, 20 norms of five tensors each
  EXPECT_THROW(build({"model.width=32", backbone}, 6), Error);
}

TEST(DanMethod, TooFewCentresAreRefused) {
  EXPECT_THROW(testing::build(*make_config(), method_case(), {"loss.affinity.centers=3"}), Error);
}

}  // namespace
}  // namespace mien::methods::dan
