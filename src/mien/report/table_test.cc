// SPDX-License-Identifier: Apache-2.0
#include "mien/report/table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/text.h"
namespace mien::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Numbers, AsText) {
  EXPECT_EQ(count_text(0), "0");
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(count_text(-1234), "-1,234");
  EXPECT_EQ(count_text(-123), "-123");
  EXPECT_EQ(percent_text(0.8333), "83.3");
  EXPECT_EQ(number_text(0.73125), "0.731");
  EXPECT_EQ(number_text(0.99996), "1.00");
  EXPECT_EQ(number_text(-2.404), "-2.40");
  EXPECT_EQ(number_text(31.25), "31.2");
  EXPECT_EQ(number_text(118.4), "118");
  EXPECT_EQ(number_text(-0.0001), "0.000");
}

TEST(ConfusionTable, CountsRowPercentAndHostileNames) {
  score::Confusion c(2);
  for (int i = 0; i < 3; ++i) c.add(0, 0);
  c.add(0, 1);
  const std::string html = confusion_table(c, {"<i>", "\"x\""}).str();
  EXPECT_THAT(html, HasSubstr("75.0<small>3</small>"));
  EXPECT_THAT(html, HasSubstr("25.0<small>1</small>"));
  EXPECT_THAT(html, HasSubstr("title=\"1 of 4 &lt;i&gt; predicted as &quot;x&quot;\""));
  EXPECT_THAT(html, Not(HasSubstr("<i>")));
  EXPECT_THAT(html, HasSubstr(">–<"));  // no picture of the second class
}

TEST(ClassTable, UndefinedFiguresAreDashes) {
  score::Confusion c(2);
  c.add(0, 0);
  const std::string html = class_table(score::class_figures(c, 10), {"a", "b"}).str();
  EXPECT_THAT(html, HasSubstr("100.0<span class=\"interval\">20.7–100.0</span>"));  // Wilson for 1 of 1: 1 / (1 + z²)
  EXPECT_THAT(html, HasSubstr("<td class=\"number\">–<"));
}

}  // namespace
}  // namespace mien::report
