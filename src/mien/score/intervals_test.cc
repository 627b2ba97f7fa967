// SPDX-License-Identifier: Apache-2.0
#include "mien/score/intervals.h"

#include <gtest/gtest.h>

namespace mien::score {
namespace {

TEST(Wilson, ByHand) {
  // 8 of 10: z² = 3.8415; centre (0.8 + 0.19207) / 1.38415, half 1.95996·sqrt(0.016 + 0.0096037) / 1.38415.
  const auto i = wilson_interval(8, 10);
  EXPECT_NEAR(i.low, 0.49016, 1e-5);
  EXPECT_NEAR(i.high, 0.94332, 1e-5);
  // 0 of 20: upper end z² / (20 + z²).
  EXPECT_NEAR(wilson_interval(0, 20).low, 0, 1e-12);
  EXPECT_NEAR(wilson_interval(0, 20).high, 3.841459 / 23.841459, 1e-6);
  EXPECT_EQ(wilson_interval(0, 0).high, 1);
}

TEST(ClassFigures, ByHand) {
  // Truth 0: three right, one as 1. Truth 1: one right, one as 0. Class 2 neither occurs nor is predicted.
  Confusion c(3);
  for (int i = 0; i < 3; ++i) c.add(0, 0);
  c.add(0, 1);
  c.add(1, 1);
  c.add(1, 0);
  const auto f = class_figures(c, 200, 1);
  ASSERT_EQ(f.size(), 3u);
  EXPECT_EQ(f[0].pictures, 4);
  EXPECT_EQ(f[1].predicted, 2);
  EXPECT_DOUBLE_EQ(f[0].recall->value, 0.75);
  EXPECT_DOUBLE_EQ(f[1].precision->value, 0.5);
  EXPECT_DOUBLE_EQ(f[0].f1->value, 6.0 / 8);
  EXPECT_LE(f[0].f1->interval.low, 0.75);
  EXPECT_GE(f[0].f1->interval.high, 0.75);
  EXPECT_DOUBLE_EQ(f[1].recall->interval.low, wilson_interval(1, 2).low);
  EXPECT_FALSE(f[2].recall || f[2].precision || f[2].f1);
}

TEST(ClassFigures, BootstrapOfF1IsAsWideAsTheoryHasItAndRepeats) {
  // Two classes, 400 + 400 pictures, 90 % right each: F1 0.9; its deviation, by the delta method, is near
  // sqrt(0.9·0.1/800) = 0.0106, so the interval spans about ±0.021.
  Confusion c(2);
  for (int i = 0; i < 400; ++i) {
    c.add(0, i < 360 ? 0 : 1);
    c.add(1, i < 360 ? 1 : 0);
  }
  const auto a = class_figures(c, 2000, 5), b = class_figures(c, 2000, 5);
  EXPECT_EQ(a[0].f1->interval.low, b[0].f1->interval.low);
  EXPECT_NEAR(a[0].f1->interval.low, 0.9 - 0.022, 0.006);
  EXPECT_NEAR(a[0].f1->interval.high, 0.9 + 0.022, 0.006);
}

TEST(ClassFigures, OfNothing) {
  const auto f = class_figures(Confusion(2));
  EXPECT_EQ(f[0].pictures, 0);
  EXPECT_FALSE(f[0].f1);
}

}  // namespace
}  // namespace mien::score
