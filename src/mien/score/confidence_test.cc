// SPDX-License-Identifier: Apache-2.0
#include "mien/score/confidence.h"

#include <gtest/gtest.h>

#include "mien/score/intervals.h"

namespace mien::score {
namespace {

TEST(ReliabilityBins, ByHand) {
  const std::vector<float> confidence{0.95f, 0.85f, 0.55f, 1.0f};
  const std::vector<std::uint8_t> correct{1, 0, 1, 1};
  const auto bins = reliability_bins(confidence, correct, 5);
  ASSERT_EQ(bins.size(), 5u);
  EXPECT_EQ(bins[0].count, 0);
  EXPECT_EQ(bins[2].count, 1);
  EXPECT_EQ(bins[4].count, 3);  // 1.0 belongs to the last bin
  EXPECT_NEAR(bins[4].confidence, (0.95 + 0.85 + 1) / 3, 1e-6);
  EXPECT_NEAR(bins[4].accuracy, 2.0 / 3, 1e-12);
  EXPECT_DOUBLE_EQ(bins[4].interval.low, wilson_interval(2, 3).low);
}

TEST(RiskCoverage, ByHand) {
  // Most confident first: right (0.9), wrong (0.8), then two of equal confidence (0.6), one right, one wrong.
  const std::vector<float> confidence{0.6f, 0.9f, 0.6f, 0.8f};
  const std::vector<std::uint8_t> correct{1, 1, 0, 0};
  const auto curve = risk_coverage(confidence, correct);
  ASSERT_EQ(curve.size(), 3u);
  EXPECT_DOUBLE_EQ(curve[0].coverage, 0.25);
  EXPECT_DOUBLE_EQ(curve[0].risk, 0);
  EXPECT_DOUBLE_EQ(curve[1].coverage, 0.5);
  EXPECT_DOUBLE_EQ(curve[1].risk, 0.5);
  EXPECT_EQ(curve[1].threshold, 0.8f);
  EXPECT_DOUBLE_EQ(curve[2].coverage, 1);
  EXPECT_DOUBLE_EQ(curve[2].risk, 0.5);
  EXPECT_DOUBLE_EQ(area_under_risk(curve), 0.25 * 0 + 0.25 * 0.5 + 0.5 * 0.5);
}

TEST(RiskCoverage, OfNothing) {
  EXPECT_TRUE(risk_coverage({}, {}).empty());
  EXPECT_EQ(area_under_risk({}), 0);
}

}  // namespace
}  // namespace mien::score
