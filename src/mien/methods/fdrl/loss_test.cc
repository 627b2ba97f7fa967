// SPDX-License-Identifier: Apache-2.0
// Hand cases A to C of the card's section 9.
#include "mien/methods/fdrl/loss.h"

#include <gtest/gtest.h>

#include "support/worst.h"

namespace mien::methods::fdrl {
namespace {

using testing::worst;

const at::Tensor kLatent = torch::tensor({1., 2., 0., 1., 3., 0., 2., 2.}, at::kFloat).view({2, 2, 2});
const at::Tensor kWeights = torch::tensor({0.6, 0.2, 0.8, 0.4}, at::kFloat).view({2, 2});

TEST(FdrlLoss, CompactnessOfCaseA) {
  at::Tensor centers = at::ones({2, 2});
  EXPECT_NEAR(compactness_loss(kLatent, centers).item<double>(), 4.5, 1e-6);
  move_latent_centers(centers, kLatent, 0.5);
  EXPECT_LT(worst(centers, {1.333333, 1, 1, 1.166667}), 1e-6);
}

TEST(FdrlLoss, BalanceOfCaseB) {
  EXPECT_NEAR(balance_loss(kWeights, false).item<double>(), 0.4, 1e-6);
  EXPECT_NEAR(balance_loss(kWeights, true).item<double>(), 0.8, 1e-6);  // trap 2: times the number of rows
}

TEST(FdrlLoss, DistributionOfCaseC) {
  at::Tensor centers = torch::tensor({0.5, 0.5, 1., 0.}, at::kFloat).view({2, 2});
  EXPECT_NEAR(distribution_loss(kWeights, torch::tensor({0, 1}, at::kLong), centers).item<double>(), 0.15, 1e-6);
  move_weight_centers(centers, kWeights, torch::tensor({0, 0}, at::kLong), 0.5);
  EXPECT_LT(worst(centers, {0.566667, 0.433333, 1, 0}), 1e-6);
}

TEST(FdrlLoss, CentresHaveGradientsToo) {
  at::Tensor c = at::ones({2, 2}).requires_grad_(true);
  compactness_loss(kLatent, c).backward();
  EXPECT_LT(worst(c.grad(), {-2, 0, 0, -1}), 1e-6);  // 2/N Σ_i (c - l_i)
}

TEST(FdrlLoss, MonitorsMeasureSpreadAndDistance) {
  const at::Tensor labels = torch::tensor({1, 1}, at::kLong);
  EXPECT_NEAR(spread_within_classes(kWeights, labels, 2).item<double>(), std::sqrt(0.02), 1e-6);
  EXPECT_NEAR(spread_within_classes(kWeights, torch::tensor({0, 1}, at::kLong), 2).item<double>(), 0, 1e-6);
  EXPECT_NEAR(distance_to_centers(kLatent, at::ones({2, 2})).item<double>(),
              (1 + 1 + std::sqrt(5.0) + std::sqrt(2.0)) / 4, 1e-6);
}

}  // namespace
}  // namespace mien::methods::fdrl
