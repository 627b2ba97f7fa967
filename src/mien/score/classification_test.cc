// SPDX-License-Identifier: Apache-2.0
#include "mien/score/classification.h"

#include <gtest/gtest.h>

#include <cmath>

namespace mien::score {
namespace {

// Truth 0: three right, one as 1. Truth 1: one right, one as 0. Class 2 never occurs and is never predicted.
Confusion hand_case() {
  Confusion c(3);
  for (int i = 0; i < 3; ++i) c.add(0, 0);
  c.add(0, 1);
  c.add(1, 1);
  c.add(1, 0);
  return c;
}

TEST(Confusion, FiguresByHand) {
  const auto c = hand_case();
  EXPECT_DOUBLE_EQ(accuracy(c), 4.0 / 6);
  EXPECT_DOUBLE_EQ(mean_recall(c), (0.75 + 0.5) / 2);
  EXPECT_DOUBLE_EQ(macro_f1(c), (6.0 / 8 + 2.0 / 4) / 2);
  EXPECT_EQ(c.column_sum(1), 2);
}

TEST(Confusion, EmptyGivesZeroNotNan) {
  const Confusion c(3);
  EXPECT_EQ(accuracy(c), 0);
  EXPECT_EQ(mean_recall(c), 0);
  EXPECT_EQ(macro_f1(c), 0);
}

TEST(CalibrationError, ByHand) {
  const std::vector<float> confidence{0.95f, 0.95f, 0.55f, 0.55f};
  const std::vector<std::uint8_t> correct{1, 0, 1, 1};
  EXPECT_NEAR(expected_calibration_error(confidence, correct, 10), (std::abs(1 - 1.9) + std::abs(2 - 1.1)) / 4, 1e-6);
  EXPECT_NEAR(expected_calibration_error(std::vector<float>{1.0f}, std::vector<std::uint8_t>{1}), 0, 1e-9);
}

TEST(Bootstrap, CoversTheMeanAndRepeats) {
  std::vector<std::uint8_t> correct(1000, 0);
  for (int i = 0; i < 850; ++i) correct[static_cast<std::size_t>(i)] = 1;
  const auto a = bootstrap_interval(correct, 2000, 3), b = bootstrap_interval(correct, 2000, 3);
  EXPECT_EQ(a.low, b.low);
  // Normal approximation: 0.85 ± 1.96·sqrt(0.85·0.15/1000) = 0.828..0.872.
  EXPECT_NEAR(a.low, 0.828, 0.005);
  EXPECT_NEAR(a.high, 0.872, 0.005);
}

TEST(MeanNegativeLogLikelihood, ByHand) {
  EXPECT_NEAR(mean_negative_log_likelihood(std::vector<float>{0.5f, 0.25f}), 1.5 * std::log(2.0), 1e-6);
  EXPECT_NEAR(mean_negative_log_likelihood(std::vector<float>{0.0f}), 12 * std::log(10.0), 1e-4);
  EXPECT_EQ(mean_negative_log_likelihood({}), 0);
}

TEST(MeanKl, ByHand) {
  const std::vector<float> truth{0.5f, 0.5f, 1.0f, 0.0f}, predicted{0.25f, 0.75f, 0.5f, 0.5f};
  const double first = 0.5 * std::log(2.0) + 0.5 * std::log(0.5 / 0.75);
  EXPECT_NEAR(mean_kl(truth, predicted, 2), (first + std::log(2.0)) / 2, 1e-6);
}

}  // namespace
}  // namespace mien::score
