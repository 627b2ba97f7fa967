// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/config.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/method/import.h"
#include "mien/method/twins.h"
#include "mien/methods/ada_df/crops.h"
#include "mien/methods/ada_df/network.h"
#include "mien/nn/state.h"
#include "support/method_case.h"
#include "support/temp_dir.h"

namespace mien::methods::ada_df {

testing::MethodCase method_case();

namespace {

using testing::find;

std::unique_ptr<method::Method> build(const std::vector<std::string>& settings, int side = 32) {
  testing::MethodCase small = method_case();
  small.side = side;
  return testing::build(*make_config(), small, settings);
}

batch::Batch batch_for(const method::Stage& stage) { return testing::batch_for(stage, method_case()); }

/// One step of plain gradient descent on the stage's objective.
void train_once(method::Method& method, const method::Stage& stage) {
  method.network().train();
  for (auto& p : method.network().named_parameters())
    for (const auto& prefix : stage.frozen)
      if (p.key().starts_with(prefix)) p.value().requires_grad_(false);
  method::total(stage.turns[0].losses(batch_for(stage), {})).backward();
  const torch::NoGradGuard no_grad;
  for (const auto& [name, p] : stage.players[0].groups[0].parameters)
    if (p.grad().defined()) at::Tensor(p).sub_(p.grad() * 0.1);
}

TEST(AdaDfMethod, LossesAreThoseOfTheCard) {
  const auto run =
      nn::read_safetensors("tests/golden/ada-df.safetensors").tensors;  // the suite compares the build with it
  EXPECT_NEAR(find(run, "train.loss.cross_entropy").item<double>(), 1.919986, 1e-4);
  EXPECT_NEAR(find(run, "train.loss.kl").item<double>(), 0.613683, 1e-4);
  EXPECT_NEAR(find(run, "train.loss.total").item<double>(), 2.226828, 1e-4);
}

TEST(AdaDfMethod, ContradictionsAreRefused) {
  EXPECT_THROW(build({"model.branches=single"}), Error);
  EXPECT_THROW(build({"loss.w_min=0.9", "loss.w_max=0.5"}), Error);
  EXPECT_THROW(build({"loss.ramp=soon"}), Error);
  EXPECT_THROW(build({"loss.fusion_weight=1.5"}), Error);
}

// Card section 9, state: frozen does not mean inference mode (trap 1).
TEST(AdaDfMethod, FrozenStemKeepsItsWeightsAndMovesItsStatistics) {
  auto method = build({"model.freeze_stem=true"});
  std::vector<at::Tensor> before;
  for (const auto& entry : nn::state_of(method->network())) before.push_back(entry.second.detach().clone());
  const auto stages = method->stages();
  train_once(*method, stages[0]);
  const auto after = nn::state_of(method->network());
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (!after[i].first.starts_with("feature.")) continue;
    if (after[i].first.ends_with("weight") || after[i].first.ends_with("bias")) {
      EXPECT_TRUE(after[i].second.equal(before[i])) << after[i].first;
    }
    if (after[i].first.ends_with("running_mean")) {
      EXPECT_FALSE(after[i].second.equal(before[i])) << after[i].first;
    }
  }
  EXPECT_FALSE(find(after, "branch_1.4.weight").equal(find(after, "branch_2.4.weight")));
}

TEST(AdaDfMethod, FreezingARandomStemIsRefusedWhenTrainingBegins) {
  method::HookContext context;
  auto method = build({"model.freeze_stem=true"});
  const auto stages = method->stages();
  EXPECT_THROW(stages[0].hooks.stage_begin(context), Error);
  const torch::NoGradGuard no_grad;
  method->network().parameters().front().add_(1);  // as --init does by loading weights
  EXPECT_NO_THROW(stages[0].hooks.stage_begin(context));
}

TEST(AdaDfMethod, OneBackboneFileFeedsBothBranches) {
  const testing::TempDir dir;
  auto backbone = nn::resnet18_features({1, 16});
  nn::fill_by_formula(*backbone, "faces");
  nn::NamedTensors named;
  const std::pair<std::string, std::string> theirs[] = {{"0.", "conv1."},  {"1.", "bn1."},    {"4.", "layer1."},
                                                        {"5.", "layer2."}, {"6.", "layer3."}, {"7.", "layer4."}};
  for (const auto& [key, value] : nn::state_of(*backbone))
    for (const auto& [ours, name] : theirs)
      if (key.starts_with(ours)) named.emplace_back(name + key.substr(2), value);
  named.emplace_back("fc.weight", torch::zeros({1000, 128}));
  nn::write_safetensors(dir / "faces.safetensors", named, {});
  auto method = build({"model.freeze_stem=true", "init.backbone=" + (dir / "faces.safetensors").string()});
  const auto state = nn::state_of(method->network());
  EXPECT_TRUE(find(state, "feature.0.weight").equal(find(named, "conv1.weight")));
  for (const char* k : {"branch_1", "branch_2"}) {
    EXPECT_TRUE(find(state, fmt::format("{}.0.0.conv1.weight", k)).equal(find(named, "layer2.0.conv1.weight")));
    EXPECT_TRUE(find(state, fmt::format("{}.2.1.bn2.running_var", k)).equal(find(named, "layer4.1.bn2.running_var")));
  }
  method::HookContext context;
  EXPECT_NO_THROW(method->stages()[0].hooks.stage_begin(context));
}

TEST(AdaDfMethod, RampsFollowTheEpoch) {
  auto method = build({});
  const auto stages = method->stages();
  method->network().train();
  method::StepContext context;
  const auto at_start = stages[0].turns[0].losses(batch_for(stages[0]), context);
  EXPECT_NEAR(at_start[1].weight, 0.641180, 1e-6);
  context.epoch = 9;
  const auto later = stages[0].turns[0].losses(batch_for(stages[0]), context);
  EXPECT_NEAR(later[0].weight, 0.612626, 1e-6);
  EXPECT_EQ(later[1].weight, 1);
  EXPECT_EQ(later[3].weight, 0);  // the mean attention is only monitored
}

TEST(AdaDfMethod, TrueLabelsAreWatchedAndChangeNothing) {
  auto method = build({});
  const auto stages = method->stages();
  method->network().train();
  batch::Batch batch = batch_for(stages[0]);
  const double without = method::total(stages[0].turns[0].losses(batch, {})).item<double>();
  batch.true_labels = torch::tensor({0, 3, 5, 1}, at::kLong);
  const auto terms = stages[0].turns[0].losses(batch, {});
  EXPECT_EQ(method::total(terms).item<double>(), without);
  ASSERT_EQ(terms.size(), 6u);
  EXPECT_EQ(terms[4].name, "weight_right");
  EXPECT_EQ(terms[5].name, "weight_wrong");
  EXPECT_EQ(terms[4].weight + terms[5].weight, 0);
  const double sum = 3 * terms[4].value.item<double>() + terms[5].value.item<double>();
  EXPECT_GE(sum, 4 * 0.2 - 1e-6);
  EXPECT_LE(sum, 4.0 + 1e-6);
}

TEST(AdaDfMethod, EpochEndRenewsTheTableFromTheChosenPass) {
  for (const char* source : {"eval_augmented", "eval_clean"}) {
    auto method = build({fmt::format("class_distribution.source={}", source), "class_distribution.threshold=0"});
    const auto stages = method->stages();
    const batch::Batch batch = batch_for(stages[0]);
    int passes = 0;
    method::HookContext context;
    context.for_each_batch = [&](bool augmented, const std::function<bool(const batch::Batch&)>& visit) {
      EXPECT_EQ(augmented, std::string(source) == "eval_augmented");
      EXPECT_FALSE(method->network().is_training());
      ++passes;
      visit(batch);
    };
    stages[0].hooks.epoch_end(context);
    EXPECT_EQ(passes, 1);
    const at::Tensor table = find(method->extra_state(), "class_distributions");
    auto* net = dynamic_cast<AdaDfNetImpl*>(&method->network());
    ASSERT_NE(net, nullptr);
    const torch::NoGradGuard no_grad;
    const auto p = at::softmax(net->forward_auxiliary(batch.images()).logits, 1);
    EXPECT_LT((table[3] - (p[1] + p[3]) / 2).abs().max().item<double>(), 1e-6);
    EXPECT_NEAR(table[1][0].item<double>(), 1.0 / 7, 1e-6);  // no such sample: the threshold row
    EXPECT_NEAR(context.record.at("class_distributions")[3][2].get<double>(), table[3][2].item<double>(), 1e-6);
  }
  EXPECT_FALSE(build({"class_distribution.update=never"})->stages()[0].hooks.epoch_end);
}

TEST(AdaDfMethod, RunningSumsStandInForTheOwnPass) {
  auto method = build({"class_distribution.source=train_running", "class_distribution.threshold=0"});
  const auto stages = method->stages();
  EXPECT_EQ(method->extra_state().size(), 3u);
  train_once(*method, stages[0]);
  EXPECT_EQ(find(method->extra_state(), "class_counts")[3].item<std::int64_t>(), 2);
  method::HookContext context;
  context.for_each_batch = [](bool, const auto&) { FAIL() << "no pass of its own"; };
  stages[0].hooks.epoch_end(context);
  const at::Tensor table = find(method->extra_state(), "class_distributions");
  EXPECT_NEAR(table[3].sum().item<double>(), 1, 1e-6);
  EXPECT_GT((table[3] - table[0]).abs().max().item<double>(), 1e-6);
  EXPECT_EQ(find(method->extra_state(), "class_counts").sum().item<std::int64_t>(), 0);
}

TEST(AdaDfMethod, AForeignFilesAliasesMustAgree) {
  auto method = build({});
  auto all = nn::state_of(method->network());
  const auto own = all.size();
  for (std::size_t i = 0; i < own; ++i) {
    for (const char* k : {"1", "2"}) {
      const std::string branch = fmt::format("branch_{}.", k);
      if (!all[i].first.starts_with(branch)) continue;
      const std::string rest = all[i].first.substr(branch.size());
      all.emplace_back(rest.starts_with("4.") ? fmt::format("branch_{}_classifier.{}", k, rest.substr(2))
                                              : fmt::format("branch_{}_feature.{}", k, rest),
                       all[i].second.detach().clone());
    }
  }
  EXPECT_EQ(all.size(), 402u);
  const auto rules = method->import_rules();
  auto read = method::without_twins(all, rules.twins, "foreign");
  EXPECT_EQ(read.size(), 218u);
  EXPECT_TRUE(nn::load_state(method->network(), read, "foreign").complete());
  // The same file as saved from a wrapped network: the wrapper is removed before the twins are compared.
  nn::NamedTensors wrapped;
  for (const auto& [key, value] : all) wrapped.emplace_back("module." + key, value);
  EXPECT_EQ(method::to_our_names(rules, method->network(), wrapped, "foreign").size(), 218u);
  all.back().second += 1;
  EXPECT_THROW(method::without_twins(all, rules.twins, "foreign"), Error);
}

TEST(AdaDfMethod, AForeignFileTellsItsClassesAndNeedsColour) {
  auto method = build({});
  const auto rules = method->import_rules();
  EXPECT_EQ(find(nn::state_of(method->network()), rules.classifier).size(0), 8);
  EXPECT_EQ(rules.orders, (std::vector<std::string>{"raf", "affectnet"}));
  EXPECT_EQ(rules.config.size(), 3u);  // size, mean and deviation of the input
}

// Card section 4, SFEW: 16 pictures are 160 rows.
TEST(AdaDfMethod, TenCropsArePicturesInTrainingAndAMeanInPrediction) {
  auto method = build({"model.ten_crop=true", "augment=sfew"}, 48);
  const auto stages = method->stages();
  const batch::Batch batch = batch_for(stages[0]);
  EXPECT_EQ(batch.images().sizes(), at::IntArrayRef({40, 1, 42, 42}));
  EXPECT_TRUE(batch.labels.equal(torch::tensor({0, 3, 5, 3}, at::kLong).repeat_interleave(10)));
  EXPECT_EQ(batch.distribution.sizes(), at::IntArrayRef({40, 8}));
  method->network().train();
  EXPECT_TRUE(method::total(stages[0].turns[0].losses(batch, {})).isfinite().item<bool>());
  const torch::NoGradGuard no_grad;
  const auto pictures = torch::randn({3, 1, 48, 48});
  const auto prediction = method->predict(pictures);
  const auto deploy = method->deploy();
  ASSERT_EQ(deploy.outputs.size(), 2u);  // each crop has its own maps
  const auto out = deploy.forward(pictures);
  EXPECT_LT((out[0] - prediction.logits).norm().item<float>(), 1e-4 * prediction.logits.norm().item<float>());
  EXPECT_LT((out[1] - prediction.values[0].second).abs().max().item<float>(), 1e-5);
  auto* net = dynamic_cast<AdaDfNetImpl*>(&method->network());
  const auto second = net->forward_target(ten_crops(pictures.slice(0, 1, 2))).logits.mean(0);
  EXPECT_LT((second - prediction.logits[1]).norm().item<float>(), 1e-4 * second.norm().item<float>());
  EXPECT_THROW(build({"model.ten_crop=true", "augment=ferplus"}), Error);
}

// The clean pass for class distributions gets whole pictures, which the network does not accept: they are cropped
// too.
TEST(AdaDfMethod, TheCleanPassSeesTenCropsToo) {
  auto method = build(
      {"model.ten_crop=true", "augment=none", "class_distribution.source=eval_clean", "class_distribution.threshold=0"},
      48);
  batch::Batch batch;
  batch.labels = torch::tensor({2, 6}, at::kLong);
  batch.views = {torch::randn({2, 1, 48, 48})};
  method::HookContext context;
  context.for_each_batch = [&](bool, const std::function<bool(const batch::Batch&)>& visit) { visit(batch); };
  method->stages()[0].hooks.epoch_end(context);
  EXPECT_EQ(batch.size(), 2);  // the caller's batch stays as it was
  auto* net = dynamic_cast<AdaDfNetImpl*>(&method->network());
  const torch::NoGradGuard no_grad;
  const auto p = at::softmax(net->forward_auxiliary(ten_crops(batch.images())).logits, 1).slice(0, 10, 20).mean(0);
  EXPECT_LT((find(method->extra_state(), "class_distributions")[6] - p).abs().max().item<double>(), 1e-6);
}

TEST(TenCrops, LieWhereTheCardSays) {
  const at::Tensor picture = torch::arange(2 * 16 * 16, at::kFloat).view({2, 1, 16, 16});
  const at::Tensor crops = ten_crops(picture);
  EXPECT_EQ(crops.sizes(), at::IntArrayRef({20, 1, 14, 14}));
  const auto corner = [&](std::int64_t i) { return crops[i][0][0][0].item<float>(); };
  const float expected[] = {0,  2,  32, 34, 17,
                            13, 15, 45, 47, 30};  // of the first picture: 16 y + x at each crop's first place
  for (std::int64_t i = 0; i < 10; ++i) EXPECT_EQ(corner(i), expected[i]) << i;
  EXPECT_EQ(corner(10), 256);  // the second picture begins
  EXPECT_TRUE(crops[5].equal(crops[0].flip(2)));
  EXPECT_TRUE(mean_of_crops(torch::arange(20, at::kFloat).view({20, 1})).equal(torch::tensor({{4.5f}, {14.5f}})));
}

TEST(AdaDfMethod, TheSeedDecidesEveryWeight) {
  const auto weights = [](std::uint64_t seed) {
    auto method = build({}, false);
    method->initialise(seed);
    auto all = nn::state_of(method->network());
    for (auto& entry : all) entry.second = entry.second.detach().clone();
    return all;
  };
  const auto first = weights(3), second = weights(3), other = weights(4);
  for (std::size_t i = 0; i < first.size(); ++i) EXPECT_TRUE(first[i].second.equal(second[i].second)) << first[i].first;
  EXPECT_FALSE(find(first, "alpha_1.0.weight").equal(find(other, "alpha_1.0.weight")));
}

TEST(AdaDfMethod, PredictionCarriesClarity) {
  auto method = build({});
  const auto prediction = method->predict(torch::randn({3, 1, 32, 32}));
  ASSERT_EQ(prediction.values.size(), 1u);
  EXPECT_EQ(prediction.values[0].first, "clarity");
  EXPECT_EQ(prediction.values[0].second.sizes(), at::IntArrayRef({3, 1}));
}

}  // namespace
}  // namespace mien::methods::ada_df
