// SPDX-License-Identifier: Apache-2.0
// The hand cases of card section 9.
#include "mien/methods/phanet/loss.h"

#include <gtest/gtest.h>

namespace mien::methods::phanet {
namespace {

at::Tensor scalar(double value) { return torch::tensor(value, at::kDouble); }

TEST(PhanetLoss, UncertaintyWeightsByHand) {
  const PhanetLosses losses{scalar(1), scalar(2), {}, scalar(0.5)};
  at::Tensor v = torch::tensor({0.0, std::log(2.0), -std::log(2.0)}, at::kDouble).requires_grad_();
  const WeightedLosses weighted = weigh_by_uncertainty(losses, v);
  EXPECT_LT((weighted.weights - torch::tensor({1.0, 0.5, 2.0}, at::kDouble)).abs().max().item<double>(), 1e-12);
  EXPECT_NEAR(weighted.total().item<double>(), 3, 1e-12);
  weighted.total().backward();
  EXPECT_LT(v.grad().abs().max().item<double>(), 1e-12);  // 1 - weight · loss
  at::Tensor zero = torch::zeros({3}, at::kDouble).requires_grad_();
  const at::Tensor total = weigh_by_uncertainty(losses, zero).total();
  total.backward();
  EXPECT_NEAR(total.item<double>(), 3.5, 1e-12);
  EXPECT_LT((zero.grad() - torch::tensor({0.0, -1.0, 0.5}, at::kDouble)).abs().max().item<double>(), 1e-12);
}

TEST(PhanetLoss, DynamicSharesByHand) {
  torch::nn::Linear layer(2, 2);
  const torch::NoGradGuard no_grad;
  torch::nn::init::zeros_(layer->weight);
  layer->bias.copy_(torch::tensor({0.0, std::log(3.0)}));
  const at::Tensor shares = dynamic_shares(*layer, torch::randn({4, 2}));
  EXPECT_LT((shares - torch::tensor({0.3, 0.7})).abs().max().item<double>(), 1e-6);
  const PhanetLosses losses{scalar(1), scalar(2), {}, scalar(0.5)};
  EXPECT_NEAR(weigh_by_shares(losses, shares, 1).total().item<double>(), 1.95, 1e-6);
}

// Trap 3: the shares do not train the backbone, but are trained themselves.
TEST(PhanetLoss, SharesLearnWithoutReshapingTheBackbone) {
  torch::manual_seed(1);
  torch::nn::Linear layer(2, 2);
  const at::Tensor features = torch::randn({4, 2}).requires_grad_();
  const PhanetLosses losses{
      torch::tensor(1.0f), torch::tensor(2.0f).requires_grad_(), {}, torch::tensor(0.5f).requires_grad_()};
  const at::Tensor shares = dynamic_shares(*layer, features);
  weigh_by_shares(losses, shares, 1).total().backward();
  EXPECT_FALSE(features.grad().defined());
  EXPECT_GT(layer->bias.grad().abs().min().item<double>(), 0);
  EXPECT_NEAR(losses.pose.grad().item<double>(), shares[0].item<double>(), 1e-6);
  EXPECT_NEAR(losses.attention.grad().item<double>(), shares[1].item<double>(), 1e-6);
}

TEST(PhanetLoss, WithoutPosesThePoseTermIsAbsent) {
  const PhanetLosses losses{scalar(1), {}, {}, scalar(0.5)};
  at::Tensor v = torch::zeros({3}, at::kDouble).requires_grad_();
  weigh_by_uncertainty(losses, v).total().backward();
  EXPECT_EQ(v.grad()[1].item<double>(), 0);
  const WeightedLosses shared = weigh_by_shares(losses, torch::tensor({0.5, 0.5}, at::kDouble), 1);
  EXPECT_FALSE(shared.pose.defined());
  EXPECT_NEAR(shared.total().item<double>(), 1.5, 1e-12);  // μ = (0, 1)
}

TEST(PhanetLoss, UnknownPosesLeaveTheMean) {
  PhanetConfig config;
  PhanetOutput out;
  out.logits = torch::zeros({3, 7});
  out.scale_logits = torch::zeros({3, 4, 7});
  out.pose = torch::tensor({{2.0f, 0.0f}, {0.0f, 0.0f}, {9.0f, 9.0f}});
  const at::Tensor labels = torch::tensor({0, 1, 2}, at::kLong);
  const PhanetLosses some = compute_losses(config, out, labels, torch::tensor({0, -1, -1}, at::kLong));
  EXPECT_NEAR(some.pose.item<double>(), std::log(1 + std::exp(-2.0)), 1e-6);
  EXPECT_FALSE(compute_losses(config, out, labels, torch::full({3}, kUnknownPose, at::kLong)).pose.defined());
}

TEST(PhanetLoss, ProjectionKeepsTheBorders) {
  at::Tensor v = torch::tensor({-3.0, 0.5, 7.0});
  project(v);
  EXPECT_TRUE(v.equal(torch::tensor({-1.0, 0.5, 2.0})));
}

}  // namespace
}  // namespace mien::methods::phanet
