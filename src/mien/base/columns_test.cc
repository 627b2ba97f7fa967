// SPDX-License-Identifier: Apache-2.0
#include "mien/base/columns.h"

#include <gtest/gtest.h>

namespace mien {
namespace {

TEST(Columns, CountCharactersAndNotBytes) {
  EXPECT_EQ(num_characters(""), 0u);
  EXPECT_EQ(num_characters("abc"), 3u);
  EXPECT_EQ(num_characters("–"), 1u);
  EXPECT_EQ(num_characters("fünf"), 4u);
}

TEST(Columns, AlignWithinTheWidthAndCutNothing) {
  EXPECT_EQ(left_aligned("ab", 4), "ab  ");
  EXPECT_EQ(right_aligned("ab", 4), "  ab");
  EXPECT_EQ(right_aligned("–", 3), "  –");
  EXPECT_EQ(left_aligned("abcde", 4), "abcde");
  EXPECT_EQ(right_aligned("abcde", 4), "abcde");
}

}  // namespace
}  // namespace mien
