// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/phanet/network.h"

#include <gtest/gtest.h>

#include <algorithm>

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

// Traps 2 and 3: the expression loss leaves the pose head alone; the loss weights leave the backbone alone.
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

// Card section 9: 32 pictures, small trunk, the method's own start.
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
  for (int step = 0; step < 300; ++step) {
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
