// SPDX-License-Identifier: Apache-2.0
// Hand-worked cases and counts of the card, sections 2, 6 and 9.
#include "mien/methods/part_based/network.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/methods/part_based/config.h"
#include "mien/methods/part_based/loss.h"
#include "mien/nn/recorder.h"
#include "mien/nn/state.h"

namespace mien::methods::part_based {
namespace {

std::int64_t elements(const torch::nn::Module& module) {
  std::int64_t sum = nn::count_parameters(module);
  for (const auto& buffer : module.named_buffers())
    if (!buffer.key().ends_with("num_batches_tracked")) sum += buffer.value().numel();
  return sum;
}

TEST(PartBased, HasThePublishedSize) {
  PartBasedNet network(NetworkOptions{});
  std::int64_t keras = 0, trainable = 0, landmarks = 0;
  for (auto& sub : network->networks) {
    EXPECT_EQ(nn::count_parameters(*sub->features), 294'480);
    EXPECT_EQ(elements(*sub->features), 294'480 + 960);
    EXPECT_EQ(nn::count_parameters(*sub->expression), 33'927);
    keras += elements(*sub->features) + elements(*sub->expression);
    trainable += nn::count_parameters(*sub->features) + nn::count_parameters(*sub->expression);
    landmarks += nn::count_parameters(*sub->landmarks);
  }
  EXPECT_EQ(keras, 1'646'835);
  EXPECT_EQ(trainable, 1'642'035);
  EXPECT_EQ(landmarks, 100'104);
}

TEST(PartBased, MultiplyAddsAreThoseOfTheCard) {
  PartBasedNet network(NetworkOptions{});
  network->eval();
  const torch::NoGradGuard no_grad;
  const auto recording =
      nn::record([&](const at::Tensor& x) { return std::vector<at::Tensor>{network->part_logits(x)}; }, {3, 160, 160},
                 {"logits"}, {});
  EXPECT_EQ(onnx::count_multiply_adds(recording), 1'677'480'320);
}

TEST(PartBased, KeysAreThoseOfTheCard) {
  NetworkOptions options;
  options.parts = {Part::mouth};
  std::vector<std::string> keys;
  for (const auto& entry : nn::state_of(*PartBasedNet(options))) keys.push_back(entry.first);
  EXPECT_EQ(keys.size(), 8u * 7 + 4 + 6);
  for (const char* key : {"mouth.features.conv1.weight", "mouth.features.bn8.running_var", "mouth.landmarks.fc2.bias",
                          "mouth.expression.fc3.bias"})
    EXPECT_NE(std::find(keys.begin(), keys.end(), key), keys.end()) << key;
}

TEST(Pool, TakesItsRestFromTheBottomAndTheRight) {
  const auto x = torch::arange(1, 17, at::kFloat).view({1, 1, 4, 4});
  EXPECT_TRUE(pool(x)[0][0].equal(torch::tensor({{11.f, 12.f}, {15.f, 16.f}})));
}

TEST(Norm, MovesByAHundredth) {
  SubNetworkOptions options;
  options.channels = 1, options.width = 1, options.num_points = 1;
  Body body(options);
  auto& norm = body->norms.front();
  // Mean 2, unbiased variance 3: -1 + 3 and 3 alternating; four values (0.5, 3.5, 0.5, 3.5) have variance 3.
  norm->forward(torch::tensor({.5f, 3.5f, .5f, 3.5f}).view({4, 1, 1, 1}));
  EXPECT_NEAR(norm->running_mean.item<float>(), 0.02, 1e-6);
  EXPECT_NEAR(norm->running_var.item<float>(), 1.02, 1e-6);
  EXPECT_EQ(norm->options.eps(), 1e-3);
}

TEST(Norm, MomentumIsAField) {
  PartBasedConfig config;
  config.norm_momentum = 0.1;
  PartBasedNet network(network_options(config, 7, 3));
  EXPECT_EQ(network->networks.front()->features->norms.front()->options.momentum().value(), 0.1);
}

TEST(Parts, SlicesOfTheLandmarks) {
  const auto points = torch::arange(136, at::kFloat).view({1, 68, 2});
  const auto range = [&](Part part) {
    const auto t = targets_of(part, points);
    return std::pair(t[0][0].item<float>(), t[0][-1].item<float>());
  };
  EXPECT_EQ(range(Part::mouth), std::pair(96.f, 135.f));
  EXPECT_EQ(range(Part::eyes), std::pair(72.f, 95.f));
  EXPECT_EQ(range(Part::nose), std::pair(54.f, 71.f));
  EXPECT_EQ(range(Part::eyebrows), std::pair(34.f, 53.f));
  EXPECT_EQ(range(Part::jaw), std::pair(0.f, 33.f));
  EXPECT_EQ(range(Part::full), std::pair(0.f, 135.f));
  EXPECT_EQ(part_named("nose"), Part::nose);
  EXPECT_THROW(part_named("noes"), Error);
  EXPECT_THROW(targets_of(Part::nose, torch::zeros({2, 5, 2})), Error);
}

TEST(LandmarkLoss, HandCase) {
  const auto predicted = torch::tensor({{.5f, .25f}, {.1f, .9f}}), target = torch::tensor({{.4f, .5f}, {.1f, .6f}});
  EXPECT_NEAR(landmark_loss(predicted, target).item<float>(), 0.1625, 1e-6);
}

TEST(LandmarkLoss, ConstantPredictorIsTheMedian) {
  const auto targets = torch::tensor({{0.f, 1.f}, {.3f, 1.f}, {.9f, 1.f}});  // medians .3 and 1
  EXPECT_TRUE(constant_prediction(targets).equal(torch::tensor({.3f, 1.f})));
}

at::Tensor voters() {
  return torch::tensor({{.6f, .3f, .1f}, {.3f, .4f, .3f}, {.25f, .4f, .35f}, {.5f, .2f, .3f}, {.1f, .45f, .45f}})
      .unsqueeze(0);
}

TEST(Ensemble, HandCases) {
  EXPECT_TRUE(combine(voters(), EnsembleRule::mean).allclose(torch::tensor({{.35f, .35f, .30f}})));
  EXPECT_TRUE(combine(voters(), EnsembleRule::product).allclose(torch::tensor({{.3278f, .3734f, .2988f}}), 0, 5e-5));
  // Votes 0, 1, 1, 0, and the first of the fifth part's two equal ones: (2,3,0) and the mean, over six.
  EXPECT_TRUE(
      combine(voters(), EnsembleRule::vote).allclose(torch::tensor({{2.35f / 6, 3.35f / 6, .3f / 6}}), 1e-5, 1e-6));
  // Two against two: the mean decides.
  const auto tie = voters().narrow(1, 0, 4);
  EXPECT_EQ(combine(tie, EnsembleRule::vote).argmax(1).item<std::int64_t>(), 0);  // means .4125, .325
}

TEST(Ensemble, LogarithmsStayFinite) {
  const auto log = clamped_log(torch::tensor({0.f, 1.f}));
  EXPECT_NEAR(log[0].item<float>(), -16.118, 1e-3);
  EXPECT_EQ(log[1].item<float>(), 0.f);
}

TEST(Ensemble, DisagreementIsZeroForEqualParts) {
  EXPECT_NEAR(disagreement(torch::tensor({.2f, .8f}).repeat({1, 3, 1})).item<float>(), 0, 1e-6);
  EXPECT_NEAR(disagreement(torch::eye(2).unsqueeze(0)).item<float>(), std::log(2.0), 1e-5);  // certain, and opposite
}

TEST(PartBased, StackBeginsAsTheMean) {
  NetworkOptions options;
  options.rule = EnsembleRule::stack;
  PartBasedNet network(options);
  initialise(network);
  EXPECT_EQ(nn::count_parameters(*network->stack), 252);
  const auto logits = torch::randn({4, 5, 7});
  const auto mean = combine(at::softmax(logits, 2), EnsembleRule::mean);
  EXPECT_TRUE(network->fuse(logits).argmax(1).equal(mean.argmax(1)));
}

TEST(PartBased, RefusesWhatItCannotBuild) {
  NetworkOptions options;
  options.parts = {Part::nose, Part::nose};
  EXPECT_THROW(PartBasedNet{options}, Error);
  options.parts.clear();
  EXPECT_THROW(PartBasedNet{options}, Error);
  options.parts = {Part::nose};
  PartBasedNet one(options);
  EXPECT_THROW(one->part_logits(torch::randn({1, 3, 40, 40})), Error);
}

}  // namespace
}  // namespace mien::methods::part_based
