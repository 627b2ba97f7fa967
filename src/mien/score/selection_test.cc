// SPDX-License-Identifier: Apache-2.0
#include "mien/score/selection.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/random.h"

namespace mien::score {
namespace {

TEST(ClopperPearsonUpper, ByHand) {
  // No hit: (1 - p)^n = delta. One hit of two: 1 - p^2 = delta. All but one: 1 - p^n = delta.
  EXPECT_NEAR(clopper_pearson_upper(0, 10, 0.05), 1 - std::pow(0.05, 0.1), 1e-10);
  EXPECT_NEAR(clopper_pearson_upper(1, 2, 0.05), std::sqrt(0.95), 1e-10);
  EXPECT_NEAR(clopper_pearson_upper(4, 5, 0.1), std::pow(0.9, 0.2), 1e-10);
  EXPECT_EQ(clopper_pearson_upper(5, 5, 0.05), 1);
  EXPECT_EQ(clopper_pearson_upper(0, 0, 0.05), 1);
  // One of ten: (1 - p)^10 + 10 p (1 - p)^9 = 0.05.
  const double p = clopper_pearson_upper(1, 10, 0.05);
  EXPECT_NEAR(std::pow(1 - p, 10) + 10 * p * std::pow(1 - p, 9), 0.05, 1e-9);
  // Large n: near the normal approximation, 0.1 + 1.645 · sqrt(0.1 · 0.9 / 1e6), and from above.
  EXPECT_NEAR(clopper_pearson_upper(100000, 1000000, 0.05), 0.1 + 1.6449 * 0.0003, 2e-6);
}

/// Confidence spread evenly over 0..1, right with exactly that probability.
Answered draw(std::size_t n, std::uint64_t seed) {
  Random random(seed);
  Answered d;
  for (std::size_t i = 0; i < n; ++i) {
    const double c = random.uniform();
    d.confidence.push_back(static_cast<float>(c));
    d.correct.push_back(random.uniform() < c);
  }
  return d;
}

std::vector<face::RiskThreshold> thresholds_of(const Answered& set) { return risk_thresholds(std::span(&set, 1)); }

TEST(RiskThresholds, RowsRiseAndBoundWhatWasMeasured) {
  const auto d = draw(4000, 1);
  const auto rows = thresholds_of(d);
  ASSERT_GT(rows.size(), 20u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_GT(rows[i].risk, rows[i].measured_risk);
    const auto again = select(d.confidence, d.correct, rows[i]);
    EXPECT_DOUBLE_EQ(again.coverage, rows[i].coverage);
    EXPECT_DOUBLE_EQ(again.risk, rows[i].measured_risk);
    if (i == 0) continue;
    EXPECT_GT(rows[i].risk, rows[i - 1].risk);
    EXPECT_LT(rows[i].threshold, rows[i - 1].threshold);
  }
  EXPECT_EQ(rows.back().threshold, 0);
  EXPECT_EQ(rows.back().coverage, 1);
}

TEST(RiskThresholds, HoldOnOtherPictures) {
  // The true risk above a threshold t is (1 - t) / 2. Of 40 tables at 95 %, about two may break anywhere; none may
  // often.
  int broken = 0;
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    const auto d = draw(2000, seed);
    bool holds = true;
    for (const auto& row : thresholds_of(d)) holds = holds && (1 - row.threshold) / 2 <= row.risk;
    broken += !holds;
  }
  EXPECT_LE(broken, 4);
}

TEST(RiskThresholds, FewPicturesHoldLittle) {
  const auto rows = thresholds_of(
      {std::vector<float>(10, 0.9f), std::vector<std::uint8_t>(10, 1)});  // equal confidences: all or nothing
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_NEAR(rows[0].risk, 1 - std::pow(0.05 / 40, 0.1), 1e-9);
  EXPECT_TRUE(thresholds_of({}).empty());
  EXPECT_TRUE(thresholds_of({{0.9f}, {0}}).empty());  // all wrong: bound 1
}

TEST(RiskThresholds, HoldOnEachSet) {
  const Answered easy = draw(2000, 3);
  Answered hard = easy;
  for (std::size_t i = 0; i < hard.correct.size(); i += 4) hard.correct[i] = 0;
  const std::vector<Answered> sets{easy, hard};
  const auto both = risk_thresholds(sets), alone = thresholds_of(hard);
  ASSERT_FALSE(both.empty());
  for (const auto& row : both) {
    EXPECT_DOUBLE_EQ(row.measured_risk, select(hard.confidence, hard.correct, row).risk);
    EXPECT_LE(select(easy.confidence, easy.correct, row).risk, row.risk);
  }
  EXPECT_GT(both.front().risk, alone.front().risk);  // two sets: each bound has half of the probability of an error
  EXPECT_EQ(both.back().threshold, 0);
}

TEST(Select, ByHand) {
  const auto s = select(std::vector<float>{0.9f, 0.8f, 0.3f, 0.5f}, std::vector<std::uint8_t>{1, 0, 0, 1},
                        {.risk = 0.5, .threshold = 0.5});
  EXPECT_EQ(s.answered, 3);
  EXPECT_EQ(s.wrong, 1);
  EXPECT_DOUBLE_EQ(s.coverage, 0.75);
  EXPECT_DOUBLE_EQ(s.risk, 1.0 / 3);
  EXPECT_EQ(select({}, {}, {}).coverage, 0);
  EXPECT_EQ(select(std::vector<float>{0.1f}, std::vector<std::uint8_t>{0}, {.threshold = 0.5}).risk, 0);
}

}  // namespace
}  // namespace mien::score
