// SPDX-License-Identifier: Apache-2.0
// Hand-worked cases of the card, section 9.
#include "mien/methods/dan/loss.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mien::methods::dan {
namespace {

void expect_near(const at::Tensor& value, const at::Tensor& expected, double tolerance) {
  ASSERT_EQ(value.sizes(), expected.sizes());
  EXPECT_LE((value - expected).abs().max().item<double>(), tolerance) << value;
}

AffinityLoss with_centers(const at::Tensor& centers, bool centre_loss = false) {
  AffinityLoss loss(centers.size(0), centers.size(1), centre_loss);
  const torch::NoGradGuard no_grad;
  loss->centers.copy_(centers);
  return loss;
}

TEST(AffinityLoss, TwoCentres) {
  auto loss = with_centers(torch::tensor({{0.0f, 0.0f}, {2.0f, 0.0f}}));
  auto f = torch::tensor({{1.0f, 0.0f}, {2.0f, 1.0f}}).requires_grad_();
  auto value = loss->forward(f, torch::tensor({0, 1}, at::kLong));
  EXPECT_NEAR(value.item<float>(), 0.5, 1e-6);
  value.backward();
  expect_near(f.grad(), torch::tensor({{0.5f, 0.0f}, {0.0f, 0.5f}}), 1e-6);
  expect_near(loss->centers.grad(), torch::tensor({{0.0f, 0.0f}, {-0.5f, -0.5f}}), 1e-6);
}

TEST(AffinityLoss, UnusedCentreEntersTheSpreadAndGetsAGradient) {
  auto loss = with_centers(torch::tensor({{0.0f, 0.0f}, {2.0f, 0.0f}, {0.0f, 4.0f}}));
  auto f = torch::tensor({{1.0f, 0.0f}, {2.0f, 1.0f}}).requires_grad_();
  auto value = loss->forward(f, torch::tensor({0, 1}, at::kLong));
  EXPECT_NEAR(value.item<float>(), 0.15, 1e-6);
  value.backward();
  expect_near(f.grad(), torch::tensor({{0.15f, 0.0f}, {0.0f, 0.15f}}), 1e-6);
  expect_near(loss->centers.grad(), torch::tensor({{-0.135f, 0.03f}, {-0.03f, -0.12f}, {0.015f, -0.06f}}), 1e-6);
}

TEST(AffinityLoss, PoolsMaps) {
  auto loss = with_centers(torch::tensor({{0.0f}, {2.0f}}));
  auto maps = torch::stack({torch::tensor({{1.0f, 3.0f}, {0.0f, 0.0f}}), torch::full({2, 2}, 2.0f)}).unsqueeze(1);
  EXPECT_NEAR(loss->forward(maps, torch::tensor({0, 1}, at::kLong)).item<float>(), 0.25, 1e-6);
}

TEST(AffinityLoss, CentreLossLeavesTheSpreadOut) {
  auto loss = with_centers(torch::tensor({{0.0f, 0.0f}, {2.0f, 0.0f}}), /*centre_loss=*/true);
  auto f = torch::tensor({{1.0f, 0.0f}, {2.0f, 1.0f}});
  EXPECT_NEAR(loss->forward(f, torch::tensor({0, 1}, at::kLong)).item<float>(), 1.0, 1e-6);
}

TEST(ClassScatter, WithinOverBetween) {
  // Class means 1 and 5 (variance 4), each sample 1 away from its own; class 1 of three is absent.
  const auto f = torch::tensor({{0.0f, 0.0f}, {2.0f, 0.0f}, {4.0f, 0.0f}, {6.0f, 0.0f}});
  const auto y = torch::tensor({0, 0, 2, 2}, at::kLong);
  EXPECT_NEAR(class_scatter(f, y).item<float>(), 0.25, 1e-6);
  EXPECT_NEAR(class_scatter(f.reshape({4, 2, 1, 1}).expand({4, 2, 3, 3}), y).item<float>(), 0.25, 1e-6);
  EXPECT_TRUE(class_scatter(f, torch::zeros({4}, at::kLong)).isfinite().item<bool>());
}

TEST(PartitionLoss, TwoHeadsAfterFusion) {
  auto v = torch::tensor({{{0.0f, std::log(3.0f)}, {0.0f, 0.0f}}}).requires_grad_();
  auto a = at::log_softmax(v, 1);
  expect_near(a.detach(), torch::tensor({{{-0.693147f, -0.287682f}, {-0.693147f, -1.386294f}}}), 1e-5);
  expect_near(a.sum(1).detach(), torch::tensor({{-1.386294f, -1.673976f}}), 1e-5);
  EXPECT_NEAR(head_variance(a).item<float>(), 0.301737, 1e-5);
  auto loss = partition_loss(a);
  EXPECT_NEAR(loss.item<float>(), 2.031863, 1e-5);
  loss.backward();
  expect_near(v.grad(), torch::tensor({{{0.0f, -1.581830f}, {0.0f, 1.581830f}}}), 1e-4);
}

TEST(PartitionLoss, ThreeHeads) {
  auto v = torch::tensor({{{0.f, 1.f}, {1.f, 0.f}, {2.f, 2.f}}, {{0.f, 0.f}, {0.f, 0.f}, {0.f, 3.f}}}).requires_grad_();
  EXPECT_NEAR(head_variance(v).item<float>(), 1.25, 1e-6);
  auto loss = partition_loss(v);
  EXPECT_NEAR(loss.item<float>(), 1.223776, 1e-5);
  loss.backward();
  const float g = 0.141176f;
  expect_near(v.grad(), torch::tensor({{{g, 0.f}, {0.f, g}, {-g, -g}}, {{0.f, g}, {0.f, g}, {0.f, -2 * g}}}), 1e-5);
}

TEST(PartitionLoss, EqualHeadsAreFiniteWithoutGradient) {
  auto v = torch::ones({2, 2, 3}).requires_grad_();
  auto loss = partition_loss(v);
  EXPECT_NEAR(loss.item<float>(), 36.7368, 1e-3);                                    // the card's value, of two heads
  EXPECT_NEAR(partition_loss(torch::ones({2, 4, 3})).item<float>(), 37.4299, 1e-3);  // four: ln(1 + 4 / eps)
  loss.backward();
  EXPECT_EQ(v.grad().abs().max().item<float>(), 0.0f);
}

TEST(PartitionLoss, OneHeadGivesZero) { EXPECT_EQ(partition_loss(torch::randn({2, 1, 5})).item<float>(), 0.0f); }

TEST(PartitionLoss, PaperFormIsNeverBelowTheCodeForm) {
  torch::manual_seed(1);
  const auto a = torch::randn({3, 4, 16});
  EXPECT_GE(partition_loss(a, PartitionForm::paper).item<float>(),
            partition_loss(a, PartitionForm::code).item<float>());
}

}  // namespace
}  // namespace mien::methods::dan
