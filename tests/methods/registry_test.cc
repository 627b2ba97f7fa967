// SPDX-License-Identifier: Apache-2.0
// Requirements for every method, driven by the registry and each method's case: names no method.
#include "mien/methods/registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "methods/cases.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/train/checkpoint.h"
#include "support/method_case.h"
#include "support/temp_dir.h"

namespace mien::methods {
namespace {

namespace fs = std::filesystem;
using testing::MethodCase;

double distance(const at::Tensor& a, const at::Tensor& b) {
  return ((a - b).norm() / b.norm().clamp_min(1e-12)).item<double>();
}

class EveryMethod : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<method::Method> build(const std::vector<std::string>& settings = {}, std::uint64_t seed = 1) {
    return testing::build(*make_config(GetParam()), case_, settings, seed);
  }
  at::Tensor pictures(std::int64_t count) {
    torch::manual_seed(4);
    return torch::randn({count, 1, case_.side, case_.side});
  }

  const MethodCase case_ = case_of(GetParam());
};

TEST_P(EveryMethod, EachFlagHasItsEffect) {
  const auto plain = testing::observe(*make_config(GetParam()), case_, {});
  for (const auto& flag : case_.flags) {
    const auto flagged = testing::observe(*make_config(GetParam()), case_, flag.settings);
    const std::string name = join(flag.settings, " ");
    EXPECT_TRUE(std::isfinite(flagged.total)) << name;
    EXPECT_TRUE(flagged.gradient.isfinite().all().item<bool>()) << name;
    EXPECT_GT(flagged.gradient.abs().max().item<double>(), 0) << name;
    EXPECT_EQ(flag.effect(plain, flagged), "") << name;
  }
}

TEST_P(EveryMethod, EachVariantIsExportedAsItPredicts) {
  std::vector<std::vector<std::string>> variants{{}};
  for (const auto& flag : case_.flags) variants.push_back(flag.settings);
  const auto images = pictures(3);
  const torch::NoGradGuard no_grad;
  for (const auto& settings : variants) {
    auto method = build(settings);
    const auto expected = method->predict(images);
    const auto deploy = method->deploy();
    const auto got = deploy.forward(images);
    ASSERT_EQ(got.size(), deploy.outputs.size());
    EXPECT_LT(distance(got[0], testing::answer_of(expected)), 1e-5) << join(settings, " ");
    for (std::size_t i = 0; i < got.size(); ++i) {
      const auto value = testing::find(expected.values, deploy.outputs[i].name);
      if (value.defined()) {
        EXPECT_LT(distance(got[i], value), 1e-5) << join(settings, " ") << deploy.outputs[i].name;
      }
    }
  }
}

TEST_P(EveryMethod, EachPictureIsAnsweredOnItsOwn) {
  auto method = build();
  const auto images = pictures(3);
  const auto prediction = method->predict(images);
  if (prediction.detections.empty()) {
    EXPECT_EQ(prediction.logits.sizes(), at::IntArrayRef({3, 8}));
  }
  const auto together = testing::answer_of(prediction);
  for (std::int64_t i = 0; i < 3; ++i)
    EXPECT_LT(distance(testing::answer_of(method->predict(images.slice(0, i, i + 1)))[0], together[i]), 1e-5);
}

TEST_P(EveryMethod, TrainingDiffersFromInferenceWhereItMust) {
  auto method = build();
  const auto stage = method->stages().front();
  const auto batch = testing::batch_for(stage, case_);
  const torch::NoGradGuard no_grad;
  const auto loss = [&](bool training) {
    method->network().train(training);
    return stage.turns.front().losses(batch, {}).front().value.item<double>();
  };
  const double in_inference = loss(false);
  EXPECT_EQ(loss(true) == in_inference, case_.is_same_in_training);
}

TEST_P(EveryMethod, TheSeedDecidesEveryWeight) {
  const auto state = [&](std::uint64_t seed) {
    auto method = build({}, seed);
    auto all = nn::state_of(method->network());
    for (const auto& extra : method->extra_state()) all.push_back(extra);
    for (auto& entry : all) entry.second = entry.second.detach().clone();
    return all;
  };
  const auto first = state(3), second = state(3), other = state(4);
  int different = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_TRUE(first[i].second.equal(second[i].second)) << first[i].first;
    different += first[i].second.equal(other[i].second) ? 0 : 1;
  }
  EXPECT_GT(different, 4);
}

TEST_P(EveryMethod, MakesAReconstructionOrRefusesIt) {
  auto method = build();
  try {
    const auto deploy = method->deploy({.with_reconstruction = true});
    const auto is_reconstruction = [](const auto& output) { return output.name == "reconstruction"; };
    EXPECT_TRUE(std::any_of(deploy.outputs.begin(), deploy.outputs.end(), is_reconstruction));
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::usage);
    EXPECT_NE(e.message().find(GetParam()), std::string::npos) << e.message();
  }
}

TEST_P(EveryMethod, SavedEqualsLoaded) {
  const testing::TempDir dir;
  auto a = build();
  nn::write_safetensors(dir / "a.safetensors", train::weights_of(*a), {});
  auto b = build({}, 99);
  train::load_weights(*b, nn::read_safetensors(dir / "a.safetensors"));
  EXPECT_TRUE(testing::answer_of(a->predict(pictures(2))).equal(testing::answer_of(b->predict(pictures(2)))));
}

TEST_P(EveryMethod, GradientReachesEveryTrainedParameter) {
  auto method = build();
  const auto stage = method->stages().front();
  method->network().train();
  method::total(stage.turns.front().losses(testing::batch_for(stage, case_), {})).backward();
  for (const auto& group : stage.players.front().groups)
    for (const auto& [name, parameter] : group.parameters) EXPECT_TRUE(parameter.grad().defined()) << name;
}

TEST_P(EveryMethod, HasItsFiles) {
  std::string folder = GetParam();
  std::replace(folder.begin(), folder.end(), '-', '_');
  EXPECT_TRUE(fs::exists("src/mien/methods/" + folder + "/README.md"));
  EXPECT_FALSE(fs::is_empty("configs/" + GetParam()));
  // The program compares the golden files there, once.
  EXPECT_TRUE(fs::exists("tests/system/verify_" + folder + ".case"));
  for (const auto& stem : make_config(GetParam())->info().golden_files())
    EXPECT_TRUE(fs::exists("tests/golden/" + stem + ".safetensors")) << stem;
}

TEST_P(EveryMethod, EveryFieldHasHelp) {
  Fields fields;
  auto config = make_config(GetParam());
  config->declare(fields);
  EXPECT_GT(fields.all().size(), 5u);
  for (const auto& field : fields.all()) EXPECT_FALSE(field.help.empty()) << field.key;
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryMethod, ::testing::ValuesIn(names()), [](const auto& instance) {
  std::string name = instance.param;
  std::erase(name, '-');
  return name;
});

TEST(Registry, UnknownNameSuggestsTheNearest) {
  try {
    make_config("dam");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::usage);
    EXPECT_NE(e.remedy().find("dan"), std::string::npos);
  }
}

}  // namespace
}  // namespace mien::methods
