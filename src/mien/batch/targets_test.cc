// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/targets.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/batch/loader.h"
#include "support/temp_dir.h"

namespace mien::batch {
namespace {

/// Three training pictures of 4 × 2 pixels: everything known, a background picture with only pitch, nothing known.
std::shared_ptr<const pack::Pack> three(const testing::TempDir& dir) {
  pack::PackInfo info;
  info.width = 4, info.height = 2;
  info.classes = face::class_set(8);
  pack::PackWriter writer(dir / "a.pack", info);
  pack::Sample all;
  all.label = 2;
  all.landmarks.assign(face::kNumPoints68, {1, 1});
  all.yaw = pack::Angle{-1};
  all.pitch = pack::Angle{7};
  all.boxes = std::vector<face::LabelledBox>{{{1, 0.5f, 2, 1}, 6}, {{0, 0, 4, 2}, 1}};
  pack::Sample background;
  background.label = 0;
  background.pitch = pack::Angle{3, pack::Origin::estimate};
  background.boxes.emplace();
  pack::Sample nothing;
  nothing.label = 1;
  for (const auto& s : {all, background, nothing}) writer.add(s, std::vector<std::uint8_t>(8));
  writer.commit();
  return std::make_shared<const pack::Pack>(dir / "a.pack");
}

TEST(Targets, CarryEachFieldWithItsPresence) {
  const testing::TempDir dir;
  const auto pack = three(dir);
  Batch batch;
  const std::vector<std::uint32_t> indices = {0, 1, 2};
  add_fields(batch, *pack, indices, {true, true, true});
  EXPECT_EQ(batch.landmarks.sizes(), (std::vector<std::int64_t>{3, 68, 2}));
  EXPECT_TRUE(batch.landmarks[0][5].equal(at::tensor({0.25f, 0.5f})));
  EXPECT_TRUE(batch.landmarks_known.equal(at::tensor({1, 0, 0}).to(at::kBool)));
  EXPECT_TRUE(batch.pose.equal(at::tensor({-1.0f, 7.0f, 0.0f, 3.0f, 0.0f, 0.0f}).view({3, 2})));
  EXPECT_TRUE(batch.pose_known.equal(at::tensor({1, 1, 0, 1, 0, 0}).to(at::kBool).view({3, 2})));
  ASSERT_EQ(batch.boxes.size(), 3u);
  EXPECT_TRUE(
      batch.boxes[0].equal(at::tensor({0.25f, 0.25f, 0.5f, 0.5f, 6.0f, 0.0f, 0.0f, 1.0f, 1.0f, 1.0f}).view({2, 5})));
  EXPECT_EQ(batch.boxes[1].sizes(), (std::vector<std::int64_t>{0, 5}));
  EXPECT_TRUE(batch.boxes_known.equal(at::tensor({1, 1, 0}).to(at::kBool)));
}

TEST(Targets, AreOnlyThereWhereAskedFor) {
  const testing::TempDir dir;
  const PackedSet set(three(dir), pack::Split::train);
  const std::vector<std::int64_t> positions = {2, 0};
  EXPECT_FALSE(set.targets(positions).pose.defined());
  const Batch batch = set.targets(positions, {.pose = true});
  EXPECT_EQ(batch.pose[1][1].item<float>(), 7);
  EXPECT_FALSE(batch.landmarks.defined());
  EXPECT_TRUE(batch.boxes.empty());
  Loader loader(set, {.batch_size = 3, .fields = {.boxes = true}});
  const Batch loaded = loader.next(0, 0);
  EXPECT_EQ(loaded.boxes.size(), 3u);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(loaded.boxes[static_cast<std::size_t>(i)].size(0), loaded.index[i].item<int>() == 0 ? 2 : 0);
}

TEST(Targets, AFieldThatNoPictureHasIsRefusedWithTheCommandThatAddsIt) {
  const testing::TempDir dir;
  pack::PackInfo info;
  info.width = info.height = 1;
  info.classes = face::class_set(8);
  pack::PackWriter writer(dir / "b.pack", info);
  pack::Sample s;
  s.label = 0;
  for (int i = 0; i < 2; ++i) writer.add(s, std::vector<std::uint8_t>(1));
  writer.commit();
  const PackedSet set(std::make_shared<const pack::Pack>(dir / "b.pack"), pack::Split::train);
  try {
    const Loader loader(set, {.batch_size = 2, .fields = {.landmarks = true}});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("b.pack: no picture of its train part has landmarks"), std::string::npos);
    EXPECT_NE(error.remedy().find("mien data pack DATA -o FILE.pack --landmarks"), std::string::npos);
  }
}

TEST(YawClasses, EdgesBelongToTheSideOfZeroAndUnknownIsMinusOne) {
  // Card phanet 5: (-inf,-50) [-50,-20) [-20,20] (20,50] (50,inf).
  const std::vector<double> edges = {-50, -20, 20, 50};
  const at::Tensor yaw = at::tensor({-60.0f, -50.0f, -20.0f, -1.0f, 20.0f, 50.0f, 70.0f, 0.0f});
  const at::Tensor known = at::tensor({1, 1, 1, 1, 1, 1, 1, 0}).to(at::kBool);
  EXPECT_TRUE(yaw_classes(yaw, known, edges).equal(at::tensor({0, 1, 2, 2, 2, 3, 4, -1}, at::kLong)));
  const at::Tensor mirrored = yaw_classes(-yaw, known, edges);
  EXPECT_TRUE(mirrored.equal(at::tensor({4, 3, 2, 2, 2, 1, 0, -1}, at::kLong)));
}

}  // namespace
}  // namespace mien::batch
