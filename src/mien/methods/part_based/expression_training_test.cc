// SPDX-License-Identifier: Apache-2.0
// Card section 9: stage 2 leaves the body as it is, bit for bit, and training on cached features equals training
// through the network, bit for bit.
#include "mien/methods/part_based/expression_training.h"

#include <gtest/gtest.h>

#include <map>

#include "mien/method/losses.h"
#include "mien/nn/state.h"

namespace mien::methods::part_based {
namespace {

constexpr std::int64_t kPictures = 32, kBatch = 8;

/// Pictures in batches of equal size, in the given order.
std::vector<batch::Batch> batches_in(const at::Tensor& order) {
  torch::manual_seed(1);
  const at::Tensor images = torch::rand({kPictures, 3, 48, 48}) * 2 - 1;
  const at::Tensor labels = torch::arange(kPictures, at::kLong).remainder(7);
  std::vector<batch::Batch> out;
  for (const auto& index : order.split(kBatch)) {
    batch::Batch batch;
    batch.views = {images.index_select(0, index)};
    batch.labels = labels.index_select(0, index);
    batch.distribution = at::one_hot(batch.labels, 7).to(at::kFloat);
    batch.index = index;
    out.push_back(batch);
  }
  return out;
}

method::HookContext context_of(const std::vector<batch::Batch>& batches) {
  method::HookContext context;
  context.for_each_batch = [batches](bool, const std::function<bool(const batch::Batch&)>& visit) {
    for (const auto& batch : batches)
      if (!visit(batch)) return;
  };
  context.for_each_validation_batch = [](const std::function<bool(const batch::Batch&)>&) {};
  return context;
}

using State = std::map<std::string, at::Tensor>;

State copy_of(const torch::nn::Module& module) {
  State out;
  for (const auto& [key, value] : nn::state_of(module)) out.emplace(key, value.detach().clone());
  return out;
}

void expect_equal(const State& a, const State& b, const std::string& prefix) {
  int compared = 0;
  for (const auto& [key, value] : a) {
    if (!key.starts_with(prefix)) continue;
    EXPECT_TRUE(value.equal(b.at(key))) << key;
    ++compared;
  }
  EXPECT_GT(compared, 0);
}

struct BodyStates {
  State before, after;  ///< of the part's network
  Standard standard;
};

/// Stage 2 of the mouth over three passes in a shuffled order, as the Trainer runs it.
BodyStates trained(const PartBasedConfig& config) {
  torch::manual_seed(0);
  NetworkOptions options;
  options.parts = {Part::mouth};
  PartBasedNet network(options);
  initialise(network);
  SubNetwork& mouth = network->networks.front();
  BodyStates run;
  run.before = copy_of(*mouth);
  ExpressionTraining training(config, 0, network);
  auto context = context_of(batches_in(torch::arange(kPictures, at::kLong)));
  training.begin(context);
  for (auto& parameter : mouth->features->parameters()) parameter.requires_grad_(false);
  torch::optim::Adam adam(mouth->expression->parameters(), torch::optim::AdamOptions(1e-3));
  torch::manual_seed(2);
  for (int pass = 0; pass < 3; ++pass)
    for (const auto& batch : batches_in(torch::randperm(kPictures, at::kLong))) {
      network->train();
      mouth->features->eval();
      const at::Tensor loss = method::total(training.losses(batch));
      adam.zero_grad();
      loss.backward();
      adam.step();
    }
  run.after = copy_of(*mouth);
  run.standard = network->standards.front();
  return run;
}

PartBasedConfig frozen(bool cache) {
  PartBasedConfig config;
  config.recalibrate = 0;
  config.cache = cache;
  return config;
}

TEST(ExpressionTraining, LeavesTheFrozenBodyBitForBit) {
  for (const bool cache : {true, false}) {
    const BodyStates run = trained(frozen(cache));
    expect_equal(run.before, run.after, "features.");
    EXPECT_FALSE(run.before.at("expression.fc1.weight").equal(run.after.at("expression.fc1.weight"))) << cache;
  }
}

TEST(ExpressionTraining, CacheEqualsTrainingThroughTheNetworkBitForBit) {
  expect_equal(trained(frozen(true)).after, trained(frozen(false)).after, "");
}

TEST(ExpressionTraining, StandardisesOnlyWhereAsked) {
  for (const bool standardise : {true, false}) {
    PartBasedConfig config = frozen(true);
    config.standardise = standardise;
    const Standard standard = trained(config).standard;
    EXPECT_EQ(standard.mean.equal(torch::zeros_like(standard.mean)), !standardise);
    EXPECT_EQ(standard.deviation.equal(torch::ones_like(standard.deviation)), !standardise);
  }
}

TEST(ExpressionTraining, RecalibrationChangesNothingButTheStatisticsOfTheBody) {
  PartBasedConfig config = frozen(true);
  config.recalibrate = 2;
  const BodyStates run = trained(config);
  int moved = 0;
  for (const auto& [key, value] : run.before) {
    if (!key.starts_with("features.")) continue;
    const bool is_statistic = key.ends_with("running_mean") || key.ends_with("running_var");
    const bool is_counter = key.ends_with("num_batches_tracked");
    if (is_statistic) {
      moved += value.equal(run.after.at(key)) ? 0 : 1;
    } else if (!is_counter) {
      EXPECT_TRUE(value.equal(run.after.at(key))) << key;
    }
  }
  EXPECT_EQ(moved, 16);  // mean and variance of eight norms
}

}  // namespace
}  // namespace mien::methods::part_based
