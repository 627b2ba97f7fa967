// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/cylinder_warp.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mien/base/error.h"
#include "support/temp_dir.h"

namespace mien::dataset {
namespace {

TEST(CylinderWarp, ColumnsAreThoseOfTheCard) {
  const double at_30[] = {0.8624, 2.0352, 2.9013, 3.4605};
  for (int x = 0; x < 4; ++x) EXPECT_NEAR(cylinder_column(x, 4, 30).value(), at_30[x], 5e-5) << x;
  const double at_60[] = {1.8956, 2.9271, 3.4271};
  for (int x = 0; x < 3; ++x) EXPECT_NEAR(cylinder_column(x, 4, 60).value(), at_60[x], 5e-5) << x;
  EXPECT_FALSE(cylinder_column(3, 4, 60).has_value());
}

pack::PackInfo small_info(int width) {
  pack::PackInfo info;
  info.width = width;
  info.height = 1;
  info.classes = {"happiness", "sadness"};
  return info;
}

TEST(CylinderWarp, FaceThatTurnsLeftShowsItsRightSide) {
  const std::vector<std::uint8_t> pixels = {0, 40, 80, 120};
  // Columns 0.8624, 2.0352, 2.9013 and 3.4605, the last one clamped to the border.
  EXPECT_EQ(turned_view(pixels, small_info(4), -30), (std::vector<std::uint8_t>{34, 81, 116, 120}));
  EXPECT_EQ(turned_view(pixels, small_info(4), -60), (std::vector<std::uint8_t>{76, 117, 120, 128}));
  EXPECT_EQ(turned_view(pixels, small_info(4), 30), (std::vector<std::uint8_t>{0, 4, 39, 86}));
  EXPECT_EQ(turned_view(pixels, small_info(4), 0), pixels);
}

TEST(CylinderWarp, MiddleOfTheFaceMovesTheWayThatItTurns) {
  EXPECT_NEAR(turned_point({24, 10}, 48, 30).x, 36, 1e-4);  // (sin 30° + 1) · 24
  EXPECT_NEAR(turned_point({24, 10}, 48, -30).x, 12, 1e-4);
  EXPECT_EQ(turned_point({24, 10}, 48, 30).y, 10);
  EXPECT_NEAR(turned_point({47, 10}, 48, 60).x, 48, 1e-4);  // on the far side: at the border
}

TEST(CylinderWarp, PointsMoveWithTheirPixels) {
  std::vector<std::uint8_t> pixels(48, 0);
  pixels[12] = 200;  // ends up near the middle, where columns are stretched
  const auto turned = turned_view(pixels, small_info(48), 30);
  const auto brightest = std::distance(turned.begin(), std::max_element(turned.begin(), turned.end()));
  EXPECT_NEAR(static_cast<double>(brightest) + 0.5, turned_point({12.5f, 0}, 48, 30).x, 1);
}

void write_pack(const std::filesystem::path& path) {
  pack::PackWriter writer(path, small_info(4));
  pack::Sample sample;
  sample.label = 0;
  sample.distribution[0] = 1;
  sample.source = "a.png";
  sample.landmarks.assign(face::kNumPoints68, {2, 0.5f});
  sample.pitch = pack::Angle{7, pack::Origin::estimate};
  writer.add(sample, std::vector<std::uint8_t>{0, 40, 80, 120});
  writer.commit();
}

TEST(CylinderWarp, PackHoldsEveryViewWithItsPose) {
  const testing::TempDir dir;
  write_pack(dir / "a.pack");
  const auto report = write_warped(pack::Pack(dir / "a.pack"), dir / "b.pack", {-30, 0}, "", {}, interrupt_token());
  EXPECT_EQ(report.samples, 2u);
  EXPECT_EQ(report.pictures, 1u);
  const pack::Pack made(dir / "b.pack");
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made.sample(0).yaw, (pack::Angle{-30, pack::Origin::data_set}));
  EXPECT_EQ(made.sample(1).yaw, (pack::Angle{0, pack::Origin::data_set}));
  EXPECT_EQ(made.sample(0).pitch, (pack::Angle{7, pack::Origin::estimate}));
  EXPECT_NEAR(made.sample(0).landmarks[0].x, 1, 1e-5);  // (sin -30° + 1) · 2
  EXPECT_EQ(made.sample(0).sequence, "a.png");
  EXPECT_EQ(made.pixels(0)[0], 34);
}

TEST(CylinderWarp, BadYawsAreRefused) {
  const testing::TempDir dir;
  write_pack(dir / "a.pack");
  const pack::Pack source(dir / "a.pack");
  const auto kind = [&](const std::vector<double>& yaws) {
    try {
      write_warped(source, dir / "b.pack", yaws, "", {}, interrupt_token());
    } catch (const Error& error) {
      return error.kind();
    }
    return ErrorKind::failed;
  };
  EXPECT_EQ(kind({}), ErrorKind::usage);
  EXPECT_EQ(kind({91}), ErrorKind::usage);
  EXPECT_EQ(kind({30, 30}), ErrorKind::usage);
}

}  // namespace
}  // namespace mien::dataset
