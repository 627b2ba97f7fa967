// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/method.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <map>

#include "mien/base/error.h"
#include "mien/face/expression.h"
#include "mien/nn/state.h"
#include "support/temp_dir.h"

namespace mien::methods::dan {
namespace {

constexpr const char* kGolden = "tests/golden/dan.safetensors";

TEST(DanMethod, EqualsTheGoldenFile) {
  const auto golden = nn::read_safetensors(kGolden);
  auto method = make_dan_config()->build_golden(golden);
  const auto report = method::compare_golden(golden, method->run_golden(golden));
  EXPECT_EQ(report.rows.size(), golden.tensors.size() - 2);  // all but input and labels
  EXPECT_TRUE(report.unanswered.empty());
  for (const auto& row : report.rows) EXPECT_TRUE(row.passed()) << row.name << " " << row.relative_error;
}

TEST(DanMethod, BiasBeforeTheFinalNormHasNoGradient) {
  const auto golden = nn::read_safetensors(kGolden);
  auto method = make_dan_config()->build_golden(golden);
  at::Tensor bias, weight;
  for (const auto& [name, value] : method->run_golden(golden)) {
    if (name == "train.grad.fc.bias") bias = value;
    if (name == "train.grad.fc.weight") weight = value;
  }
  EXPECT_LT(bias.norm().item<double>(), 1e-6 * weight.norm().item<double>());
}

TEST(DanMethod, EveryFlagTakesOneStep) {
  const std::vector<std::string> settings[] = {{"model.heads=0"},
                                               {"model.heads=1"},
                                               {"model.heads=8"},
                                               {"model.spatial=false"},
                                               {"model.channel=false"},
                                               {"model.fusion=none"},
                                               {"model.final_bn=false"},
                                               {"loss.affinity.kind=center"},
                                               {"loss.affinity.centers=12"},
                                               {"loss.affinity.weight=0"},
                                               {"loss.partition.form=paper"},
                                               {"loss.partition.weight=0"},
                                               {"loss.votes=0.7"},
                                               {"model.dropout=0.3"},
                                               {"augment=ferplus"},
                                               {"augment=affectnet"},
                                               {"augment=none"}};
  method::DataFacts facts;
  facts.classes = face::class_set(8);
  facts.input.width = facts.input.height = 32;
  for (const auto& set : settings) {
    auto config = make_dan_config();
    Fields fields;
    config->declare(fields);
    fields.set_text("model.width=8");
    for (const auto& s : set) fields.set_text(s);
    auto method = config->build(facts);
    method->initialise(1);
    method->network().train();
    auto stages = method->stages();
    batch::Batch batch;
    at::Generator generator = at::make_generator<at::CPUGeneratorImpl>(1);
    batch.views = {stages[0].needs.views[0](torch::randint(0, 256, {4, 1, 48, 48}, at::kByte), batch, generator)};
    batch.labels = torch::tensor({0, 3, 5, 3}, at::kLong);
    batch.distribution = at::one_hot(batch.labels, 8).to(at::kFloat);
    const auto total = method::total(stages[0].turns[0].losses(batch, {}));
    total.backward();
    EXPECT_TRUE(total.isfinite().item<bool>()) << set.front();
  }
}

TEST(DanMethod, TheSeedDecidesEveryWeight) {
  method::DataFacts facts;
  facts.classes = face::class_set(8);
  facts.input.width = facts.input.height = 32;
  const auto state = [&](std::uint64_t seed) {
    auto method = make_dan_config()->build(facts);
    method->initialise(seed);
    auto all = nn::state_of(method->network());
    for (const auto& extra : method->extra_state()) all.push_back(extra);
    for (auto& entry : all) entry.second = entry.second.detach().clone();
    return all;
  };
  const auto first = state(3), second = state(3), other = state(4);
  for (std::size_t i = 0; i < first.size(); ++i) {
    EXPECT_TRUE(first[i].second.equal(second[i].second)) << first[i].first;
    if (first[i].first == "fc.weight" || first[i].first == "affinity.centers") {
      EXPECT_FALSE(first[i].second.equal(other[i].second)) << first[i].first;
    }
  }
}

TEST(DanMethod, BeginsFromTheBackboneOfAPlainRun) {
  method::DataFacts facts;
  facts.classes = face::class_set(8);
  facts.input.width = facts.input.height = 32;
  const auto build = [&](const std::vector<std::string>& settings) {
    auto config = make_dan_config();
    Fields fields;
    config->declare(fields);
    for (const auto& s : settings) fields.set_text(s);
    return config->build(facts);
  };
  auto plain = build({"model.width=8", "model.heads=0"});
  plain->initialise(5);
  const testing::TempDir dir;
  nn::write_safetensors(dir / "best.safetensors", nn::state_of(plain->network()), {});
  const std::string backbone = "init.backbone=" + (dir / "best.safetensors").string();
  auto dan = build({"model.width=8", backbone});
  dan->initialise(6);
  std::map<std::string, at::Tensor> source;
  for (const auto& [key, value] : nn::state_of(plain->network())) source.emplace(key, value);
  int same = 0;
  for (const auto& [key, value] : nn::state_of(dan->network()))
    if (key.starts_with("features.")) {
      EXPECT_TRUE(value.equal(source.at(key))) << key;
      ++same;
    }
  EXPECT_EQ(same, 120);  // 20 convolutions, 20 norms of five tensors each
  EXPECT_THROW(build({"model.width=16", backbone})->initialise(6), Error);
}

TEST(DanMethod, TooFewCentresAreRefused) {
  auto config = make_dan_config();
  Fields fields;
  config->declare(fields);
  fields.set_text("loss.affinity.centers=3");
  method::DataFacts facts;
  facts.classes = face::class_set(8);
  EXPECT_THROW(config->build(facts), Error);
}

}  // namespace
}  // namespace mien::methods::dan
