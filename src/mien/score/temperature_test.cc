// SPDX-License-Identifier: Apache-2.0
#include "mien/score/temperature.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "mien/base/error.h"

namespace mien::score {
namespace {

TEST(FitTemperature, TwoClassesByHand) {
  // Logits (4, 0), label 0 in three of four rows. Best where softmax gives 3/4: 4 / T = ln 3.
  const std::vector<float> logits{4, 0, 4, 0, 4, 0, 4, 0};
  const std::vector<std::size_t> labels{0, 0, 0, 1};
  const auto fit = fit_temperature(logits, labels, 2);
  EXPECT_NEAR(fit.temperature, 4 / std::log(3.0), 1e-7);
  EXPECT_NEAR(fit.nll, -(0.75 * std::log(0.75) + 0.25 * std::log(0.25)), 1e-12);
  EXPECT_LT(fit.iterations, 100);
}

TEST(FitTemperature, SharpensWhatIsTooFlat) {
  // Logits (0.1, 0): the answer is right in nine of ten: 0.1 / T = ln 9, T far below 1. A shift of a row changes
  // nothing.
  std::vector<float> logits;
  std::vector<std::size_t> labels(10, 0);
  labels[3] = 1;
  for (int i = 0; i < 10; ++i) logits.insert(logits.end(), {0.1f + 50.0f * (i % 2), 50.0f * (i % 2)});
  EXPECT_NEAR(fit_temperature(logits, labels, 2).temperature, 0.1 / std::log(9.0), 1e-5);
}

TEST(FitTemperature, ThreeClassesAreCalibratedAtOne) {
  // Probabilities 1/2, 1/4, 1/4 and labels in exactly these shares.
  const auto a = static_cast<float>(std::log(2.0));
  const std::vector<float> logits{a, 0, 0, a, 0, 0, a, 0, 0, a, 0, 0};
  const std::vector<std::size_t> labels{0, 0, 1, 2};
  const auto fit = fit_temperature(logits, labels, 3);
  EXPECT_NEAR(fit.temperature, 1, 1e-6);
  EXPECT_NEAR(fit.nll, 1.5 * std::log(2.0), 1e-7);
}

TEST(FitTemperature, HugeLogitsStayFinite) {
  const std::vector<float> logits{1e30f, 0, 1e30f, 0, 1e30f, 0};
  const auto fit = fit_temperature(logits, std::vector<std::size_t>{0, 0, 1}, 2);
  EXPECT_NEAR(fit.temperature / (1e30 / std::log(2.0)), 1, 1e-6);
}

TEST(FitTemperature, SaysWhereThereIsNone) {
  const std::vector<float> logits{2, 0, 2, 0};
  EXPECT_THROW(fit_temperature(logits, std::vector<std::size_t>{0, 0}, 2), Error);  // all right
  EXPECT_THROW(fit_temperature(logits, std::vector<std::size_t>{1, 1}, 2), Error);  // all wrong
  EXPECT_THROW(fit_temperature(logits, std::vector<std::size_t>{0, 1}, 2), Error);  // a coin
  EXPECT_THROW(fit_temperature({}, {}, 2), Error);
}

TEST(FitTemperature, AWeightCountsLikeRepeating) {
  // Gap 1; right with weight 3, wrong with weight 1: softmax is 3/4 at 1 / T = ln 3. Without weights there is no fit.
  const std::vector<float> logits{1, 0, 1, 0};
  const std::vector<std::size_t> labels{0, 1};
  EXPECT_NEAR(fit_temperature(logits, labels, 2, std::vector<double>{3, 1}).temperature, 1 / std::log(3.0), 1e-6);
  EXPECT_THROW(fit_temperature(logits, labels, 2), Error);
}

}  // namespace
}  // namespace mien::score
