// SPDX-License-Identifier: Apache-2.0
#include "mien/report/plot.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "mien/report/charts.h"

namespace mien::report {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(NiceTicks, RoundSteps) {
  EXPECT_THAT(nice_ticks(0, 1, 5),
              ElementsAre(0, ::testing::DoubleNear(0.2, 1e-12), ::testing::DoubleNear(0.4, 1e-12),
                          ::testing::DoubleNear(0.6, 1e-12), ::testing::DoubleNear(0.8, 1e-12), 1));
  EXPECT_THAT(nice_ticks(1, 4, 6, true), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(nice_ticks(3, 3, 5), ElementsAre());
  EXPECT_EQ(nice_ticks(1, 100, 6, true).front(), 20);
}

TEST(NiceAxis, HoldsAllFiniteValues) {
  const Axis a = nice_axis("loss", std::vector<double>{0.31, 2.87, NAN, INFINITY}, true);
  EXPECT_EQ(a.low, 0);
  EXPECT_EQ(a.high, 3);
  const Axis one = nice_axis("x", std::vector<double>{5}, false);
  EXPECT_LE(one.low, 5);
  EXPECT_GT(one.high, one.low);
  const Axis none = nice_axis("x", {}, false);
  EXPECT_EQ(none.high, 1);
}

TEST(Plot, PutsPointsWhereTheyBelong) {
  Plot plot({"x", 0, 10}, {"y", 0, 10}, "a \"test\" <plot>");
  plot.curve(std::vector<double>{0, 10}, std::vector<double>{0, 10}, 2);
  const std::string svg = plot.finish().str();
  // Room for ticks of three digits: the left edge at 30 + 3 · 6.4; 440 wide less 12, 270 high less 42 and 10.
  EXPECT_THAT(svg, HasSubstr("d=\"M49.2 228.0L428.0 10.0\""));
  EXPECT_THAT(svg, HasSubstr("stroke=\"var(--s2)\""));
  EXPECT_THAT(svg, HasSubstr("aria-label=\"a &quot;test&quot; &lt;plot&gt;\""));
}

TEST(Plot, AGapWhereAValueIsNotFinite) {
  Plot plot({"x", 0, 3}, {"y", 0, 1}, "gap");
  plot.curve(std::vector<double>{0, 1, 2, 3}, std::vector<double>{0, NAN, 1, 1}, 0);
  plot.point(1, NAN, 0);
  const std::string svg = plot.finish().str();
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
  EXPECT_THAT(svg, Not(HasSubstr("circle")));
  EXPECT_EQ(std::count(svg.begin(), svg.end(), 'L'), 1);
}

TEST(Plot, SmallNumbersKeepTheirDigits) {
  Plot plot({"x", 0, 1}, nice_axis("learning rate", std::vector<double>{0, 4e-5}, true), "rate");
  EXPECT_THAT(plot.finish().str(), HasSubstr(">2e−5<"));
}

TEST(Charts, HoldTheirFigures) {
  const std::vector<float> confidence{0.9f, 0.6f};
  const std::vector<std::uint8_t> correct{1, 0};
  const std::string reliability = reliability_diagram(score::reliability_bins(confidence, correct), 2, 0.35).str();
  EXPECT_THAT(reliability, HasSubstr("35.00\u00a0%"));
  EXPECT_THAT(reliability, HasSubstr("confidence 90.0 %, accuracy 100.0 %"));
  const std::string risk = risk_coverage_chart(score::risk_coverage(confidence, correct), {{0.5, 0, "Half."}}).str();
  EXPECT_THAT(risk, HasSubstr("50.0 % wrong"));
  EXPECT_THAT(risk, HasSubstr("Half."));
  EXPECT_THAT(curves_over_epochs({{"<b>", {1, 2}, {3, NAN}}, {"c", {1}, {1}}}, {.title = "Loss"}).str(),
              HasSubstr("&lt;b&gt;"));
  EXPECT_THAT(count_bars({{"joy", 4}, {"fear", 1}}).str(), HasSubstr("--share:0.250"));
  const std::string marked = value_bars({{"first", 0.2}, {"second", 0.1}}, {0.4, 0.3}).str();
  EXPECT_THAT(marked, HasSubstr("class=\"bar\" style=\"--share:0.500\""));
  EXPECT_THAT(marked, HasSubstr("class=\"mark\" style=\"--share:0.750\""));
  EXPECT_THAT(marked, HasSubstr("0.100 | 0.300"));
}

}  // namespace
}  // namespace mien::report
