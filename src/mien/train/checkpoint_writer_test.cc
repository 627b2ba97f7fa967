// SPDX-License-Identifier: Apache-2.0
#include "mien/train/checkpoint_writer.h"

#include <gtest/gtest.h>

namespace mien::train {
namespace {

TEST(SaveInterval, SavingTakesAtMostATwentiethOfTheTime) {
  EXPECT_DOUBLE_EQ(save_interval(300, 2), 300);   // 2 s every 5 minutes are less
  EXPECT_DOUBLE_EQ(save_interval(300, 15), 300);  // exactly 5 %
  EXPECT_DOUBLE_EQ(save_interval(300, 31), 620);
}

}  // namespace
}  // namespace mien::train
