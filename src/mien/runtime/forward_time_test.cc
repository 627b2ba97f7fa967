// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/forward_time.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mien/base/file.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace mien::runtime {
namespace {

TEST(ForwardTimes, QuantilesAreMeasuredTimes) {
  const ForwardTimes times{{1, 2, 3, 4, 100}};
  EXPECT_EQ(times.quantile(0), 1);
  EXPECT_EQ(times.quantile(0.5), 3);
  EXPECT_EQ(times.quantile(0.95), 4);
  EXPECT_EQ(times.quantile(1), 100);
}

TEST(ForwardTimes, OnePerRepetitionInOrder) {
  const testing::TempDir dir;
  setenv("MIEN_CACHE", (dir / "cache").c_str(), 1);
  write_file(dir / "tiny.onnx", testing::tiny_model());
  const auto times =
      time_forward(ExpressionModel::load(dir / "tiny.onnx"), {.batch = 3, .warm_up = 2, .repetitions = 7});
  EXPECT_EQ(times.ms.size(), 7u);
  EXPECT_TRUE(std::is_sorted(times.ms.begin(), times.ms.end()));
  EXPECT_GT(times.ms.front(), 0);
}

}  // namespace
}  // namespace mien::runtime
