// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/registry.h"

#include <gtest/gtest.h>

#include <algorithm>

#include <filesystem>

#include "mien/base/error.h"
#include "mien/face/expression.h"
#include "mien/method/golden.h"
#include "mien/train/checkpoint.h"
#include "support/temp_dir.h"

namespace mien::methods {
namespace {

namespace fs = std::filesystem;

class EveryMethod : public ::testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<method::Method> build(int side = 64) {
    method::DataFacts facts;
    facts.classes = face::class_set(8);
    facts.input.width = facts.input.height = side;
    auto method = make_config(GetParam())->build(facts);
    method->initialise(3);
    return method;
  }
};

TEST_P(EveryMethod, EqualsItsGoldenFile) {
  const auto golden = nn::read_safetensors("tests/golden/" + GetParam() + ".safetensors");
  auto method = make_config(GetParam())->build_golden(golden);
  const auto report = method::compare_golden(golden, method->run_golden(golden));
  EXPECT_TRUE(report.passed()) << (report.rows.empty() ? "" : report.rows.front().name);
}

TEST_P(EveryMethod, PredictsLogitsForAnyBatch) {
  auto method = build();
  for (int batch : {1, 3}) {
    const auto logits = method->predict(torch::randn({batch, 1, 64, 64})).logits;
    EXPECT_EQ(logits.sizes(), at::IntArrayRef({batch, 8}));
    EXPECT_TRUE(logits.isfinite().all().item<bool>());
  }
}

TEST_P(EveryMethod, DeployEqualsPredict) {
  auto method = build();
  const auto images = torch::randn({3, 1, 64, 64});
  const torch::NoGradGuard no_grad;
  const auto expected = method->predict(images).logits;
  const auto deploy = method->deploy();
  const auto got = deploy.forward(images);
  ASSERT_EQ(got.size(), deploy.outputs.size());
  EXPECT_LT(((got[0] - expected).norm() / expected.norm()).item<double>(), 1e-5);
}

TEST_P(EveryMethod, RefusesAReconstructionItCannotMake) {
  auto method = build();
  try {
    method->deploy({.with_reconstruction = true});
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.kind(), ErrorKind::usage);
    EXPECT_NE(e.message().find(GetParam()), std::string::npos) << e.message();
  }
}

TEST_P(EveryMethod, SavedEqualsLoaded) {
  const testing::TempDir dir;
  auto a = build();
  nn::write_safetensors(dir / "a.safetensors", train::weights_of(*a), {});
  auto b = build();
  b->initialise(99);
  train::load_weights(*b, nn::read_safetensors(dir / "a.safetensors"));
  const auto images = torch::randn({2, 1, 64, 64});
  EXPECT_TRUE(a->predict(images).logits.equal(b->predict(images).logits));
}

TEST_P(EveryMethod, GradientReachesEveryTrainedParameter) {
  auto method = build();
  auto stages = method->stages();
  method->network().train();
  batch::Batch batch;
  batch.labels = torch::arange(8, at::kLong);
  batch.distribution = at::one_hot(batch.labels, 8).to(at::kFloat);
  for (std::size_t v = 0; v < stages[0].needs.views.size(); ++v) batch.views.push_back(torch::randn({8, 1, 64, 64}));
  method::total(stages[0].turns[0].losses(batch, {})).backward();
  for (const auto& player : stages[0].players)
    for (const auto& group : player.groups)
      for (const auto& [name, parameter] : group.parameters) EXPECT_TRUE(parameter.grad().defined()) << name;
}

TEST_P(EveryMethod, HasItsFiles) {
  std::string folder = GetParam();
  std::replace(folder.begin(), folder.end(), '-', '_');
  EXPECT_TRUE(fs::exists("src/mien/methods/" + folder + "/README.md"));
  EXPECT_FALSE(fs::is_empty("configs/" + GetParam()));
}

TEST_P(EveryMethod, EveryFieldHasHelp) {
  Fields fields;
  auto config = make_config(GetParam());
  config->declare(fields);
  EXPECT_GT(fields.all().size(), 5u);
  for (const auto& field : fields.all()) EXPECT_FALSE(field.help.empty()) << field.key;
}

INSTANTIATE_TEST_SUITE_P(Registry, EveryMethod, ::testing::ValuesIn(names()));

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
