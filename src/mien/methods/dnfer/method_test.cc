// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dnfer/config.h"

#include <gtest/gtest.h>

#include "mien/base/text.h"
#include "mien/method/import.h"
#include "mien/methods/dnfer/loss.h"
#include "mien/methods/dnfer/views.h"
#include "mien/nn/state.h"
#include "support/method_case.h"
#include "support/temp_dir.h"

namespace mien::methods::dnfer {

testing::MethodCase method_case();

namespace {

using testing::find;

std::unique_ptr<method::Method> build(const std::vector<std::string>& settings, std::uint64_t seed = 1) {
  return testing::build(*make_config(), method_case(), settings, seed);
}

batch::Batch batch_for(const method::Stage& stage, std::uint64_t seed = 1) {
  return testing::batch_for(stage, method_case(), seed);
}

method::StepContext at_epoch(int epoch) {
  method::StepContext context;
  context.epoch = epoch;
  return context;
}

const method::LossTerm* term(const method::Losses& losses, const std::string& name) {
  for (const auto& t : losses)
    if (t.name == name) return &t;
  return nullptr;
}

TEST(DnferMethod, TheWarmUpCountsEpochsFromZero) {
  auto method = build({});
  const auto stages = method->stages();
  method->network().train();
  const auto batch = batch_for(stages[0]);
  const auto warm = stages[0].turns[0].losses(batch, at_epoch(4)),
             after = stages[0].turns[0].losses(batch, at_epoch(5));
  EXPECT_EQ(term(warm, "supervised")->weight, 1);
  EXPECT_EQ(term(warm, "consistency")->weight, 0);  // monitored only
  EXPECT_EQ(term(after, "supervised")->weight, 0.5);
  EXPECT_EQ(term(after, "consistency")->weight, 0.5);
  EXPECT_EQ(term(after, "clean_weak")->weight + term(after, "clean_strong")->weight, 0);
  EXPECT_NE(term(warm, "supervised")->value.item<double>(), term(after, "supervised")->value.item<double>());
}

TEST(DnferMethod, WithoutConsistencyTheSupervisedLossKeepsItsWeight) {
  for (const char* flag : {"views=weak", "loss.consistency=none"}) {
    auto method = build({flag});
    const auto stages = method->stages();
    const auto terms = stages[0].turns[0].losses(batch_for(stages[0]), at_epoch(5));
    EXPECT_EQ(term(terms, "supervised")->weight, 1) << flag;
    EXPECT_EQ(term(terms, "consistency"), nullptr) << flag;
  }
}

// Traps 6 and 11.
TEST(DnferMethod, TwoCallsPerStepAndTwoParameterGroups) {
  auto method = build({});
  const auto stages = method->stages();
  method->network().train();
  stages[0].turns[0].losses(batch_for(stages[0]), {});
  EXPECT_EQ(find(nn::state_of(method->network()), "bn1.num_batches_tracked").item<std::int64_t>(), 2);
  const auto& groups = stages[0].players[0].groups;
  ASSERT_EQ(groups.size(), 2u);
  EXPECT_EQ(groups[0].parameters.size(), 60u);
  EXPECT_EQ(groups[1].parameters.size(), 2u);
  EXPECT_EQ(groups[0].rate_factor, 1);
  EXPECT_EQ(groups[1].rate_factor, 10);
  const auto& o = stages[0].players[0].optimiser;
  EXPECT_EQ(o.kind, method::OptimiserKind::adam);
  // Trap 10: the rate at epoch 5 is 1e-3 · 0.95⁵.
  EXPECT_NEAR(o.rate * method::schedule_factor(o.schedule, 5 * 95, 95, 40), 1e-3 * 0.95 * 0.95 * 0.95 * 0.95 * 0.95,
              1e-9);
  EXPECT_TRUE(stages[0].needs.drop_last);
}

TEST(DnferMethod, TrueLabelsAreWatchedAndChangeNothing) {
  auto method = build({"loss.warmup_epochs=0"});
  const auto stages = method->stages();
  method->network().train();
  batch::Batch batch = batch_for(stages[0]);
  const double without = method::total(stages[0].turns[0].losses(batch, {})).item<double>();
  method::HookContext context;
  stages[0].hooks.epoch_end(context);
  EXPECT_TRUE(context.record.contains("clean_share"));
  EXPECT_FALSE(context.record.contains("clean_precision"));
  batch.true_labels = torch::tensor({0, 3, 5, 1, 1, 7}, at::kLong);
  EXPECT_EQ(method::total(stages[0].turns[0].losses(batch, {})).item<double>(), without);
  stages[0].hooks.epoch_end(context);
  EXPECT_NEAR(context.record.at("right_share").get<double>(), 5.0 / 6, 1e-9);
  EXPECT_EQ(context.record.at("thresholds_strong").size(), 8u);
  EXPECT_TRUE(context.record.at("clean_recall").contains("weak"));
  EXPECT_EQ(find(method->extra_state(), "selection.counts").abs().sum().item<double>(), 0);  // a new epoch starts empty
}

TEST(DnferMethod, EpochThresholdsAreTheRunningMean) {
  auto method = build({"loss.warmup_epochs=0", "loss.threshold_scope=epoch"});
  const auto stages = method->stages();
  method->network().train();
  for (std::uint64_t seed : {1, 2, 3}) stages[0].turns[0].losses(batch_for(stages[0], seed), {});
  EXPECT_EQ(find(method->extra_state(), "selection.counts")[0][0].item<double>(), 18);
  const at::Tensor mean = find(method->extra_state(), "selection.sums")[1] / 18;
  method::HookContext context;
  stages[0].hooks.epoch_end(context);
  EXPECT_NEAR(context.record.at("thresholds_strong").at("happiness").get<double>(), mean[1].item<double>(), 1e-6);
}

TEST(DnferMethod, ViewsDifferAndSmallInputsHaveShorterLengths) {
  auto method = build({});
  const auto batch = batch_for(method->stages()[0]);
  ASSERT_EQ(batch.views.size(), 2u);
  EXPECT_FALSE(batch.views[0].equal(batch.views[1]));
  EXPECT_EQ(view_lengths(224).cutout, 16);
  EXPECT_EQ(view_lengths(96).pad, 4);
  EXPECT_EQ(view_lengths(64).cutout, 16);
  EXPECT_EQ(view_lengths(48).cutout, 12);
  EXPECT_EQ(view_lengths(48).shift, 4);
  EXPECT_EQ(view_lengths(48).pad, 2);
  const auto same = batch_for(build({"augment=none"})->stages()[0]);
  EXPECT_TRUE(same.views[0].equal(same.views[1]));
  const auto drawn = batch_for(build({"views=weak+weak"})->stages()[0]);
  EXPECT_FALSE(drawn.views[0].equal(drawn.views[1]));
}

// The pretrained file of the reference: "module." before every key, and heads of another task.
TEST(DnferMethod, ForeignFilesAreReadAndTheirHeadsSkipped) {
  const testing::TempDir dir;
  auto source = build({}, 7);
  nn::NamedTensors whole, trunk;
  for (const auto& [key, value] : nn::state_of(source->network())) {
    whole.emplace_back("module." + key, value.detach().clone());
    if (!key.starts_with("classifier.")) trunk.emplace_back("module." + key, value.detach().clone());
  }
  for (auto* file : {&whole, &trunk}) {
    file->emplace_back("module.fc.weight", torch::zeros({100, 64}));
    file->emplace_back("module.fc.bias", torch::zeros({100}));
    file->emplace_back("module.feature.weight", torch::zeros({64, 64}));
    file->emplace_back("module.feature.bias", torch::zeros({64}));
  }
  nn::write_safetensors(dir / "whole.safetensors", whole, {});
  nn::write_safetensors(dir / "trunk.safetensors", trunk, {});
  auto method = build({});
  const auto report =
      method::import_weights(*method, nn::read_weights(dir / "whole.safetensors", method->import_rules().containers));
  EXPECT_TRUE(report.complete());
  EXPECT_EQ(report.loaded, 122u);
  EXPECT_TRUE(find(nn::state_of(method->network()), "classifier.bias").equal(find(whole, "module.classifier.bias")));
  auto started = build({"init.backbone=" + (dir / "trunk.safetensors").string()});
  EXPECT_TRUE(find(nn::state_of(started->network()), "layer4.1.conv2.weight")
                  .equal(find(trunk, "module.layer4.1.conv2.weight")));
  EXPECT_FALSE(find(nn::state_of(started->network()), "classifier.bias").equal(find(whole, "module.classifier.bias")));
}

TEST(DnferMethod, TheSeedDecidesEveryWeight) {
  const auto first = nn::state_of(build({}, 3)->network()), second = nn::state_of(build({}, 3)->network()),
             other = nn::state_of(build({}, 4)->network());
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(first[i].second.equal(second[i].second)) << first[i].first;
  EXPECT_FALSE(find(first, "classifier.bias").equal(find(other, "classifier.bias")));
}

}  // namespace
}  // namespace mien::methods::dnfer
