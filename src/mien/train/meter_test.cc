// SPDX-License-Identifier: Apache-2.0
#include "mien/train/meter.h"

#include <gtest/gtest.h>

namespace mien::train {
namespace {

TEST(Meter, TimeLeftCountsStepsOfThisStageAndPicturesOfLaterOnes) {
  Meter meter;
  meter.add(1, 3, 32);
  meter.add(0, 4, 32);  // 8 seconds, 2 steps, 64 pictures
  EXPECT_DOUBLE_EQ(meter.pictures_per_second(), 8);
  EXPECT_DOUBLE_EQ(meter.wait_share(), 1.0 / 8);
  EXPECT_DOUBLE_EQ(meter.seconds_left(10, 0), 40);
  EXPECT_DOUBLE_EQ(meter.seconds_left(10, 160), 60);
  meter.clear();
  EXPECT_EQ(meter.seconds_left(10, 160), 0);  // nothing is known yet
}

TEST(Meter, ClockText) { EXPECT_EQ(clock_text(3723.9), "01:02:03"); }

}  // namespace
}  // namespace mien::train
