// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/occlusion.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/dataset/face_mask.h"
#include "support/temp_dir.h"

namespace mien::dataset {
namespace {

constexpr int kSide = 48;

pack::PackInfo grey_info() {
  pack::PackInfo info;
  info.classes = {"happiness", "sadness"};
  return info;
}

/// A face seen from the front: eyes at a third of the height, mouth at two thirds, chin at the lower border.
std::vector<face::Point> frontal_points() {
  std::vector<face::Point> points(face::kNumPoints68, {24, 24});
  for (std::size_t i = 0; i <= 16; ++i) {  // jaw from left to right, deepest at the chin
    const float u = (static_cast<float>(i) - 8) / 8;
    points[i] = {24 + 20 * u, 46 - 26 * u * u};
  }
  points[27] = {24, 16};
  points[28] = {24, 20};
  for (std::size_t i = 36; i < 42; ++i) points[i] = {10 + 2 * static_cast<float>(i - 36), i < 40 ? 15.0f : 17.0f};
  for (std::size_t i = 42; i < 48; ++i) points[i] = {28 + 2 * static_cast<float>(i - 42), i < 46 ? 15.0f : 17.0f};
  points[45] = {38, 15};
  for (std::size_t i = 48; i < 68; ++i)
    points[i] = {18 + 12 * static_cast<float>(i - 48) / 19, i % 2 == 0 ? 33.0f : 37.0f};
  return points;
}

std::vector<std::uint8_t> covered(OcclusionKind kind, std::uint64_t number = 0, std::uint64_t seed = 0) {
  std::vector<std::uint8_t> pixels(kSide * kSide, 50);
  occlude(pixels, grey_info(), frontal_points(), {kind, seed}, number);
  return pixels;
}

std::uint8_t at(const std::vector<std::uint8_t>& pixels, int x, int y) {
  return pixels[static_cast<std::size_t>(y * kSide + x)];
}

TEST(Occlusion, MaskCoversTheLowerHalfAndLeavesTheEyes) {
  const auto pixels = covered(OcclusionKind::mask);
  EXPECT_EQ(at(pixels, 24, 28), 245);  // between bridge and chin
  EXPECT_EQ(at(pixels, 24, 40), 245);
  for (int x = 0; x < kSide; ++x)
    for (int y = 0; y < 19; ++y) EXPECT_EQ(at(pixels, x, y), 50) << x << ", " << y;
}

TEST(Occlusion, SizesOfTheMaskFollowTheCard) {
  auto points = frontal_points();
  points[28] = {100, 50};
  points[8] = {100, 110.9f};
  points[2] = {69.5f, 80};  // 30.5 from the line: 1.2 · 30 = 36
  points[14] = {120, 80};   // 1.2 · 20 = 24
  const auto place = mask_place(points, true);
  EXPECT_EQ(place.height, 60);
  EXPECT_EQ(place.left, 36);
  EXPECT_EQ(place.right, 24);
  EXPECT_EQ(place.seam, (face::Point{100, 80}));
  EXPECT_NEAR(place.roll_degrees, 0, 1e-9);
}

TEST(Occlusion, MaskTurnsWithTheHeadUnlessAsked) {
  auto points = frontal_points();
  points[28] = {100, 50};
  points[8] = {60, 90};  // the chin points to the lower left: turned clockwise by 45 degrees
  EXPECT_NEAR(mask_place(points, true).roll_degrees, 45, 1e-9);
  EXPECT_EQ(mask_place(points, false).roll_degrees, 0);
}

TEST(Occlusion, CoincidingPointsGiveAMaskOfOnePixel) {
  const std::vector<face::Point> points(face::kNumPoints68, {24, 24});
  const auto place = mask_place(points, false);
  EXPECT_EQ(place.height, 1);
  EXPECT_EQ(place.left, 1);
  EXPECT_EQ(place.right, 1);
}

TEST(Occlusion, EyesAndMouthAreCoveredWithAMargin) {
  const auto eyes = covered(OcclusionKind::eyes), mouth = covered(OcclusionKind::mouth);
  EXPECT_EQ(at(eyes, 24, 16), 128);
  EXPECT_EQ(at(eyes, 6, 12), 128);  // the eyes are 28 wide, from x = 10 and y = 15: 5.6 further out
  EXPECT_EQ(at(eyes, 2, 16), 50);
  EXPECT_EQ(at(eyes, 24, 25), 50);
  EXPECT_EQ(at(mouth, 24, 35), 128);
  EXPECT_EQ(at(mouth, 24, 27), 50);
  EXPECT_EQ(at(mouth, 36, 35), 50);
}

TEST(Occlusion, NoneChangesNothing) {
  EXPECT_EQ(covered(OcclusionKind::none), std::vector<std::uint8_t>(kSide * kSide, 50));
}

TEST(Occlusion, SquareHasAThirdOfTheSideAndAPlaceOfItsOwn) {
  const auto pixels = covered(OcclusionKind::square);
  EXPECT_EQ(std::count(pixels.begin(), pixels.end(), 128), 16 * 16);
  EXPECT_EQ(pixels, covered(OcclusionKind::square));
  EXPECT_NE(pixels, covered(OcclusionKind::square, 1));
  EXPECT_NE(pixels, covered(OcclusionKind::square, 0, 1));
}

TEST(Occlusion, ColourIsCoveredInAllChannels) {
  pack::PackInfo info = grey_info();
  info.channels = 3;
  std::vector<std::uint8_t> pixels(kSide * kSide * 3, 50);
  occlude(pixels, info, frontal_points(), {OcclusionKind::mask}, 0);
  const std::size_t i = 3 * (28 * kSide + 24);
  EXPECT_EQ(pixels[i], 245);
  EXPECT_EQ(pixels[i + 1], 245);
  EXPECT_EQ(pixels[i + 2], 245);
}

/// Two pictures; the second has no landmarks.
void write_pack(const std::filesystem::path& path, bool with_landmarks) {
  pack::PackWriter writer(path, grey_info());
  const std::vector<std::uint8_t> pixels(kSide * kSide, 50);
  pack::Sample sample;
  sample.label = 1;
  sample.distribution[1] = 1;
  sample.source = "a.png";
  sample.subject = "S1";
  sample.yaw = pack::Angle{5, pack::Origin::estimate};
  if (with_landmarks) sample.landmarks = frontal_points();
  writer.add(sample, pixels);
  sample.source = "b.png";
  sample.split = pack::Split::test;
  sample.landmarks.clear();
  writer.add(sample, pixels);
  writer.commit();
}

TEST(Occlusion, PackKeepsEveryFieldAndLeavesOutFacesWithoutLandmarks) {
  const testing::TempDir dir;
  write_pack(dir / "a.pack", true);
  const pack::Pack source(dir / "a.pack");
  const auto report = write_occluded(source, dir / "b.pack", {OcclusionKind::mask}, "command", {}, interrupt_token());
  EXPECT_EQ(report.samples, 1u);
  EXPECT_EQ(report.left_out, 1u);
  const pack::Pack made(dir / "b.pack");
  EXPECT_EQ(made.hash(), report.hash);
  EXPECT_EQ(made.sample(0).landmarks, source.sample(0).landmarks);
  EXPECT_EQ(made.sample(0).yaw, source.sample(0).yaw);
  EXPECT_EQ(made.sample(0).subject, "S1");
  EXPECT_EQ(made.info().provenance.at("occlusion").at("kind"), "mask");
  EXPECT_EQ(write_occluded(source, dir / "c.pack", {OcclusionKind::square}, "", {}, interrupt_token()).samples, 2u);
}

TEST(Occlusion, PackWithoutLandmarksIsRefusedWithTheRemedy) {
  const testing::TempDir dir;
  write_pack(dir / "a.pack", false);
  const pack::Pack source(dir / "a.pack");
  try {
    write_occluded(source, dir / "b.pack", {OcclusionKind::eyes}, "", {}, interrupt_token());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(error.remedy().find("--landmarks"), std::string::npos);
  }
  EXPECT_FALSE(std::filesystem::exists(dir.path() / "b.pack"));
}

}  // namespace
}  // namespace mien::dataset
