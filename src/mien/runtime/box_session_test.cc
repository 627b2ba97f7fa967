// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/box_session.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace mien::runtime {
namespace {

/// Black except for one white quarter (0..3, row by row).
std::vector<std::uint8_t> quarter(int side, int which) {
  std::vector<std::uint8_t> out(static_cast<std::size_t>(side) * static_cast<std::size_t>(side));
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x)
      if ((y >= side / 2) * 2 + (x >= side / 2) == which) out[static_cast<std::size_t>(y * side + x)] = 255;
  return out;
}

TEST(BoxSession, FindsTheWhiteQuarterOfEachPicture) {
  const testing::TempDir dir;
  write_file(dir / "d.onnx", testing::tiny_detector());
  BoxSession session(ExpressionModel::load(dir / "d.onnx"));
  auto pictures = quarter(16, 1);
  const auto second = quarter(16, 2);
  pictures.insert(pictures.end(), second.begin(), second.end());
  const auto boxes = session.boxes(pictures, 2, 16, 16, {});
  ASSERT_EQ(boxes.size(), 2u);
  ASSERT_EQ(boxes[0].size(), 1u);
  ASSERT_EQ(boxes[1].size(), 1u);
  EXPECT_EQ(boxes[0][0].box, (face::Box{8, 0, 8, 8}));
  EXPECT_EQ(boxes[1][0].box, (face::Box{0, 8, 8, 8}));
  EXPECT_EQ(boxes[0][0].label, 0);
  EXPECT_NEAR(boxes[0][0].score, 0.982014, 1e-4);  // σ(20)·σ(4)
  EXPECT_EQ(boxes[0][0].level, 0);
  EXPECT_EQ(boxes[0][0].cell, 1);  // row by row
  EXPECT_EQ(boxes[1][0].cell, 2);
  ASSERT_EQ(session.grids(1).size(), 1u);
  EXPECT_NEAR(session.grids(1)[0].values[4 * 4 + 2], 20, 1e-3);  // objectness of that cell
  // Larger pictures give boxes in their own pixels; a lower limit keeps every cell.
  EXPECT_EQ(session.boxes(quarter(32, 0), 1, 32, 32, {}).at(0).at(0).box, (face::Box{0, 0, 16, 16}));
  EXPECT_EQ(session.boxes(quarter(16, 0), 1, 16, 16, {0, 1, 100}).at(0).size(), 4u);
}

TEST(BoxSession, RefusesAModelThatJudgesFaces) {
  const testing::TempDir dir;
  write_file(dir / "tiny.onnx", testing::tiny_model());
  EXPECT_THROW(BoxSession(ExpressionModel::load(dir / "tiny.onnx")), Error);
}

}  // namespace
}  // namespace mien::runtime
