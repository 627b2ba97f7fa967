// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/phanet/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "mien/base/error.h"
#include "mien/method/import.h"
#include "mien/methods/phanet/deploy_outputs.h"
#include "mien/methods/phanet/loss.h"
#include "mien/nn/recorder.h"
#include "mien/nn/state.h"
#include "support/method_case.h"

namespace mien::methods::phanet {

testing::MethodCase method_case();

namespace {

PhanetConfig small() {
  PhanetConfig config;
  config.trunk = Trunk::small;
  return config;
}

// Card section 9, pooling and top-down.
TEST(PhanetAttention, MaskedMeanByHand) {
  const at::Tensor mask = torch::tensor({0.5f, 1.0f}).view({1, 1, 1, 2});
  const at::Tensor embedding = torch::tensor({2.0f, 4.0f}).view({1, 1, 1, 2});
  EXPECT_NEAR(masked_mean(mask, embedding).item<double>(), 3.333331, 1e-6);
  EXPECT_EQ(masked_mean(at::zeros_like(mask), embedding).item<double>(), 0);
}

TEST(PhanetAttention, CoarseScoresAreEnlargedWithoutAlignedCorners) {
  const at::Tensor coarse = torch::tensor({0.0f, 1.0f, 2.0f, 3.0f}).view({1, 1, 2, 2});
  const at::Tensor four = top_down({torch::zeros({1, 1, 4, 4}), coarse}).front();
  EXPECT_LT((four[0][0][0] - torch::tensor({0.0f, 0.25f, 0.75f, 1.0f})).abs().max().item<double>(), 1e-6);
  EXPECT_LT((four[0][0][1] - torch::tensor({0.5f, 0.75f, 1.25f, 1.5f})).abs().max().item<double>(), 1e-6);
  const at::Tensor three = top_down({torch::zeros({1, 1, 3, 3}), coarse}).front();
  EXPECT_LT((three[0][0][0] - torch::tensor({0.0f, 0.5f, 1.0f})).abs().max().item<double>(), 1e-6);
}

TEST(PhanetSelection, KeepsTheLargestAndRenormalises) {
  const at::Tensor w = at::softmax(torch::tensor({{0.0, 1.0, 0.5, 0.2}}, at::kDouble), 1);
  EXPECT_LT((w - torch::tensor({{0.1518, 0.4126, 0.2502, 0.1854}})).abs().max().item<double>(), 1e-4);
  EXPECT_LT((keep_largest(w, 2) - torch::tensor({{0.0, 0.6225, 0.3775, 0.0}})).abs().max().item<double>(), 1e-4);
  EXPECT_LT((keep_largest(w, 4) - w).abs().max().item<double>(), 1e-12);
  const at::Tensor equal = torch::full({1, 4}, 0.25);
  EXPECT_TRUE(keep_largest(equal, 2).equal(torch::tensor({{0.5f, 0.5f, 0.0f, 0.0f}})));
}

// Card section 2.4.
TEST(PhanetNet, CountsOfTheCard) {
  PhanetConfig config;
  EXPECT_EQ(nn::count_parameters(*PhanetNet(config, 7, 3)), 7774407);
  EXPECT_EQ(nn::state_of(*PhanetNet(config, 7, 3)).size(), 817u);
  config.loss_weights = LossWeights::dynamic;
  EXPECT_EQ(nn::count_parameters(*PhanetNet(config, 7, 3)), 7776454);
  EXPECT_EQ(nn::state_of(*PhanetNet(config, 7, 3)).size(), 818u);
  config.loss_weights = LossWeights::fixed;
  EXPECT_EQ(nn::count_parameters(*PhanetNet(config, 7, 3)), 7774404);
  EXPECT_EQ(nn::count_parameters(*PhanetNet(small(), 7, 3)), 185533);
}

TEST(PhanetNet, CountsOfEachPart) {
  const PhanetNet net(PhanetConfig{}, 7, 3);
  EXPECT_EQ(nn::count_parameters(*net->backbone), 6953856);
  const std::array<std::int64_t, 4> scales{85448, 151496, 283592, 283592};
  for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(nn::count_parameters(*net->scales[k]), scales[k]) << k;
  EXPECT_EQ(nn::count_parameters(*net->pose), 5125);
  EXPECT_EQ(nn::count_parameters(*net->select_context) + nn::count_parameters(*net->select_pose), 4120);
  EXPECT_EQ(nn::count_parameters(*net->expression), 7175);
  EXPECT_EQ(net->loss_log_vars.numel(), 3);
  PhanetConfig seven_poses;
  seven_poses.pose_edges = {-37.5, -22.5, -7.5, 7.5, 22.5, 37.5};
  EXPECT_EQ(nn::count_parameters(*PhanetNet(seven_poses, 8, 3)), 7778518);
}

TEST(PhanetNet, KeysAreThoseOfTheCard) {
  std::set<std::string> keys;
  for (const auto& entry : nn::state_of(*PhanetNet(PhanetConfig{}, 7, 3))) keys.insert(entry.first);
  for (const char* key :
       {"backbone.features.conv0.weight", "backbone.features.denseblock1.denselayer6.conv2.weight",
        "backbone.features.denseblock3.denselayer24.norm1.running_mean", "backbone.features.transition2.conv.weight",
        "backbone.features.norm5.bias", "scales.0.norm.weight", "scales.1.embed.weight", "scales.2.embed_norm.bias",
        "scales.3.reduce.weight", "scales.0.reduce_norm.weight", "scales.1.score.bias", "scales.2.classifier.weight",
        "pose.weight", "select_context.bias", "select_pose.weight", "expression.weight", "loss_log_vars"})
    EXPECT_TRUE(keys.contains(key)) << key;
  EXPECT_FALSE(keys.contains("select_pose.bias"));
  EXPECT_FALSE(keys.contains("scales.0.embed.bias"));
}

// Card section 9: no pose is known, so the pose terms are absent, and no value becomes NaN.
TEST(PhanetNet, LearnsFromABatchWithoutPoses) {
  torch::manual_seed(4);
  const PhanetConfig config = small();
  PhanetNet net(config, 7, 3);
  initialise(net);
  const PhanetOutput out = net->forward(torch::randn({2, 3, 48, 48}), Selection::soft);
  const PhanetLosses losses =
      compute_losses(config, out, torch::tensor({1, 5}, at::kLong), torch::tensor({-1, -1}, at::kLong));
  EXPECT_FALSE(losses.pose.defined());
  weigh(*net, out, losses).total().backward();
  for (const auto& parameter : net->named_parameters()) {
    if (parameter.value().grad().defined()) {
      EXPECT_TRUE(parameter.value().grad().isfinite().all().item<bool>()) << parameter.key();
    }
  }
  EXPECT_EQ(net->loss_log_vars.grad()[1].item<double>(), 0);
  EXPECT_FALSE(net->pose->weight.grad().defined());
}

std::int64_t multiply_adds(PhanetNet net, std::int64_t side) {
  net->eval();
  const torch::NoGradGuard no_grad;
  return onnx::count_multiply_adds(
      nn::record([&](const at::Tensor& x) { return std::vector<at::Tensor>{net->forward(x, Selection::top).logits}; },
                 {3, side, side}, {"logits"}, {}));
}

TEST(PhanetNet, MultiplyAddsOfTheCard) {
  EXPECT_EQ(multiply_adds(PhanetNet(PhanetConfig{}, 7, 3), 224), 3'276'306'260);
  EXPECT_EQ(multiply_adds(PhanetNet(small(), 7, 3), 48), 24'616'615);
}

TEST(Phanet, BeginsFromTheBackboneOfAnotherRun) {
  const auto config = make_config();
  const auto taken = testing::backbone_of_another_run(*config, method_case(), "backbone.");
  EXPECT_EQ(taken.fault, "");
  EXPECT_GT(taken.entries, 50);
}

// Files from before 2019 write "norm.1" and "conv.2" (card section 2).
TEST(PhanetImport, ReadsOldAndNewNamesOfDenseNet) {
  auto made = testing::build(*make_config(), method_case());
  const auto rules = made->import_rules();
  nn::NamedTensors theirs;
  for (const auto& [key, value] : nn::state_of(made->network())) {
    if (!key.starts_with("backbone.features.")) continue;
    std::string name = key.substr(std::string("backbone.").size());
    for (const auto& [old_name, new_name] : rules.keys.infixes)
      if (const auto at = name.find(new_name); at != std::string::npos) name.replace(at, new_name.size(), old_name);
    theirs.emplace_back(name, value);
  }
  theirs.emplace_back("classifier.weight", torch::zeros({1000, 1024}));
  const auto named = [&](const char* key) {
    return std::any_of(theirs.begin(), theirs.end(), [&](const auto& entry) { return entry.first == key; });
  };
  ASSERT_TRUE(named("features.denseblock1.denselayer1.norm.1.weight"));
  const auto report = method::load_what_fits(made->network(), method::to_our_names(rules, made->network(), theirs),
                                             {"scales.", "pose.", "select_", "expression.", "loss_"});
  EXPECT_TRUE(report.complete());
  EXPECT_EQ(report.loaded, theirs.size() - 1);
}

TEST(PhanetNet, TheSmallTrunkHasTheCardsMaps) {
  PhanetNet net(small(), 7, 3);
  EXPECT_EQ(net->backbone->channels(), (std::array<std::int64_t, 4>{60, 78, 111, 103}));
  const PhanetOutput out = net->forward(torch::randn({2, 3, 48, 48}), Selection::top);
  ASSERT_EQ(out.masks.size(), 4u);
  EXPECT_EQ(out.masks[0].size(2), 24);
  EXPECT_EQ(out.masks[3].size(2), 3);
  EXPECT_EQ(out.features.sizes(), at::IntArrayRef({2, 256}));
  EXPECT_THROW(net->forward(torch::randn({1, 3, 40, 40}), Selection::top), Error);
}

// Trap 2: the expression loss does not train the pose head.
TEST(PhanetNet, ThePoseEntersTheChoiceDetached) {
  torch::manual_seed(2);
  PhanetNet net(small(), 7, 3);
  const PhanetOutput out = net->forward(torch::randn({4, 3, 48, 48}), Selection::soft);
  at::nll_loss(at::log_softmax(out.logits, 1), torch::tensor({0, 1, 2, 3}, at::kLong)).backward();
  EXPECT_FALSE(net->pose->weight.grad().defined());
  EXPECT_GT(net->select_pose->weight.grad().abs().max().item<double>(), 0);
}

TEST(PhanetNet, ClassMapsSumToTheLogits) {
  torch::manual_seed(3);
  for (const Attention attention : {Attention::hierarchical, Attention::flat, Attention::none}) {
    PhanetConfig config = small();
    config.attention = attention;
    PhanetNet net(config, 7, 3);
    initialise(net);
    net->eval();
    const torch::NoGradGuard no_grad;
    const PhanetOutput out = net->forward(torch::randn({3, 3, 48, 48}), Selection::top);
    const at::Tensor sum = class_maps(*net, out).sum({2, 3}) + net->expression->bias;
    EXPECT_LT((sum - out.logits).norm().item<double>(), 1e-4 * out.logits.norm().item<double>());
  }
}

// Card section 9: 32 pictures, small trunk, the method's own initialisation.
TEST(Phanet, OverfitsThirtyTwoPictures) {
  torch::manual_seed(0);
  PhanetConfig config = small();
  PhanetNet net(config, 7, 3);
  initialise(net);
  const at::Tensor images = torch::randn({32, 3, 48, 48});
  const at::Tensor labels = torch::arange(32, at::kLong).remainder(7);
  const at::Tensor poses = torch::arange(32, at::kLong).remainder(5);
  torch::optim::SGD sgd(net->parameters(), torch::optim::SGDOptions(0.05).momentum(0.9).nesterov(true));
  std::array<double, 3> start{}, end{};
  const auto is_fitted = [&] { return end[0] < 0.1 * start[0] && end[1] < 0.1 * start[1] && end[2] < 0.1 * start[2]; };
  // The first 100 steps select softly; the losses must fall under the hard selection, within 300 steps.
  for (int step = 0; step < 300 && (step <= 100 || !is_fitted()); ++step) {
    const PhanetOutput out = net->forward(images, step < 100 ? Selection::soft : Selection::top);
    const PhanetLosses losses = compute_losses(config, out, labels, poses);
    sgd.zero_grad();
    weigh(*net, out, losses).total().backward();
    sgd.step();
    project(net->loss_log_vars);
    end = {losses.expression.item<double>(), losses.pose.item<double>(), losses.attention.item<double>()};
    if (step == 0) start = end;
  }
  for (std::size_t i = 0; i < 3; ++i) EXPECT_LT(end[i], 0.1 * start[i]) << i;
}

}  // namespace
}  // namespace mien::methods::phanet
