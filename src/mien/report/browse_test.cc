// SPDX-License-Identifier: Apache-2.0
#include "mien/report/browse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mien::report {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(Browsing, AnItemIsInTheChoicesThatShowItAndKnowsItsPlaces) {
  Browsing b;
  b.add_filter("Expression", {"neutral", "<b>joy</b>"});
  b.add_filter("Notes", {"blurred", "small"});
  b.add_order("expression");
  b.add_order("picture");
  EXPECT_EQ(b.attributes({{{1}, {0, 1}}, {7, 3}}), " class=\"item f0-1 f1-0 f1-1\" style=\"--o0:7;--o1:3\"");
  const std::string controls = b.controls().str();
  EXPECT_THAT(controls, HasSubstr("<input type=\"radio\" name=\"f0\" id=\"f0-all\" checked>all"));
  EXPECT_THAT(controls, HasSubstr("id=\"f0-1\">&lt;b&gt;joy&lt;/b&gt;"));
  EXPECT_THAT(controls, HasSubstr("<input type=\"radio\" name=\"order\" id=\"o0\" checked>expression"));
  EXPECT_THAT(controls, Not(HasSubstr("<b>")));
  const std::string rules = b.rules();
  EXPECT_THAT(rules, HasSubstr("section:has(#f1-0:checked) .item:not(.f1-0) { display: none; }"));
  EXPECT_THAT(rules, HasSubstr("section:has(#o1:checked) .item { order: var(--o1); }"));
}

}  // namespace
}  // namespace mien::report
