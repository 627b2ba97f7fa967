// SPDX-License-Identifier: Apache-2.0
#include "mien/method/ranger.h"

#include <gtest/gtest.h>

namespace mien::method {
namespace {

// N_5 = 4.996 is not rectified, N_6 = 5.9942 is.
TEST(Ranger, RectifiesFromTheSixthStepOn) {
  for (std::int64_t t = 1; t <= 5; ++t) EXPECT_EQ(ranger_rectification(0.95, 0.999, t), 0);
  EXPECT_NEAR(ranger_rectification(0.95, 0.999, 6), 0.007541, 1e-6);
}

struct Descent {
  at::Tensor parameter;
  RangerState state;

  explicit Descent(const at::Tensor& start)
      : parameter(start.clone()), state{torch::zeros_like(start), torch::zeros_like(start), start.clone()} {}
  void step(const at::Tensor& gradient, std::int64_t t, double decay = 0) {
    ranger_update(parameter, gradient.clone(), state, {0.1, 0.95, 0.999, 1e-5, decay}, t);
  }
};

TEST(Ranger, FirstStepMovesByRateTimesGradient) {
  Descent run(torch::tensor({1.0, 2.0}, at::kDouble));
  run.step(torch::tensor({3.0, -1.0}, at::kDouble), 1);
  EXPECT_TRUE(at::allclose(run.parameter, torch::tensor({0.7, 2.1}, at::kDouble)));
}

TEST(Ranger, CentresGradientsOfMatricesPerRowAndLeavesVectors) {
  Descent matrix(torch::zeros({2, 2}, at::kDouble));
  matrix.step(torch::tensor({{1.0, 3.0}, {5.0, 5.0}}, at::kDouble), 1);
  EXPECT_TRUE(at::allclose(matrix.parameter, torch::tensor({{0.1, -0.1}, {0.0, 0.0}}, at::kDouble)));
}

// A constant gradient of 1: five steps of 0.1, a sixth of 0.1·r/(√v + eps) with v = 1 - 0.999⁶, then halfway back.
TEST(Ranger, LooksAheadEverySixSteps) {
  Descent run(torch::zeros({1}, at::kDouble));
  for (std::int64_t t = 1; t <= 6; ++t) run.step(torch::ones({1}, at::kDouble), t);
  const double first = 1 - std::pow(0.95, 6), second = 1 - std::pow(0.999, 6);
  const double sixth = 0.1 * ranger_rectification(0.95, 0.999, 6) * first / (std::sqrt(second) + 1e-5);
  EXPECT_NEAR(run.parameter.item<double>(), -(0.5 + sixth) / 2, 1e-12);
  EXPECT_EQ(run.parameter.item<double>(), run.state.slow.item<double>());
}

TEST(Ranger, DecaysApartFromTheGradient) {
  Descent run(torch::full({1}, 2.0, at::kDouble));
  run.step(torch::zeros({1}, at::kDouble), 1, 0.5);
  EXPECT_NEAR(run.parameter.item<double>(), 1.9, 1e-12);
}

}  // namespace
}  // namespace mien::method
