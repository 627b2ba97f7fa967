// SPDX-License-Identifier: Apache-2.0
#include "mien/present/scan_animation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mien::present {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST(ScanAnimation, ShowsEveryCellOfEveryDirection) {
  const std::string html = scan_animation(8, 3, 2).str();
  std::size_t cells = 0;
  for (auto at = html.find("<rect"); at != std::string::npos; at = html.find("<rect", at + 1)) ++cells;
  EXPECT_EQ(cells, 8u * 6);
  for (const char* name : {">rows<", ">columns<", ">antidiagonals reversed<"}) EXPECT_THAT(html, HasSubstr(name));
  EXPECT_THAT(html, HasSubstr("repeatCount=\"indefinite\""));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(scan_animation(1, 40, 20).str(), HasSubstr("viewBox=\"0 0 70 140\""));  // 10 × 5 cells
}

}  // namespace
}  // namespace mien::present
