// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/pack.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "support/temp_dir.h"

namespace mien::pack {
namespace {

PackInfo small_info() {
  PackInfo info;
  info.width = 2;
  info.height = 3;
  info.classes = face::class_set(8);
  info.data_set = "made up";
  info.label_rule = "single";
  info.provenance = {{"seed", 7}};
  return info;
}

std::filesystem::path write_small(const testing::TempDir& dir) {
  PackWriter writer(dir / "a.pack", small_info());
  for (int i = 0; i < 3; ++i) {
    Sample s;
    s.split = static_cast<Split>(i);
    s.label = i;
    s.distribution[static_cast<std::size_t>(i)] = 1;
    s.votes[9] = static_cast<std::uint8_t>(i);
    s.has_votes = i == 2;
    s.source = "pic" + std::to_string(i);
    s.subject = "s";
    const std::vector<std::uint8_t> pixels(6, static_cast<std::uint8_t>(10 * i));
    writer.add(s, pixels);
  }
  EXPECT_FALSE(std::filesystem::exists(dir / "a.pack"));
  writer.commit();
  return dir / "a.pack";
}

TEST(Pack, ReadsBackWhatWasWritten) {
  const testing::TempDir dir;
  const Pack pack(write_small(dir));
  ASSERT_EQ(pack.size(), 3u);
  EXPECT_EQ(pack.info().provenance.at("seed"), 7);
  EXPECT_EQ(pack.info().height, 3);
  EXPECT_EQ(pack.sample(2).source, "pic2");
  EXPECT_EQ(pack.sample(1).split, Split::valid);
  EXPECT_EQ(pack.sample(2).votes[9], 2);
  EXPECT_TRUE(pack.sample(2).has_votes);
  EXPECT_EQ(pack.pixels(2)[5], 20);
  EXPECT_EQ(pack.indices(Split::test), std::vector<std::uint32_t>{2});
  EXPECT_EQ(pack.hash().size(), 32u);
}

TEST(Pack, WithoutCommitNothingStays) {
  const testing::TempDir dir;
  { PackWriter writer(dir / "b.pack", small_info()); }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(Pack, EveryCutIsRefused) {
  const testing::TempDir dir;
  const std::string whole = read_file(write_small(dir));
  for (std::size_t size = 0; size < whole.size(); size += 5) {
    write_file(dir / "cut.pack", std::string_view(whole).substr(0, size));
    EXPECT_THROW(Pack(dir / "cut.pack"), Error) << size;
  }
}

TEST(Pack, EveryFlippedByteIsRefused) {
  const testing::TempDir dir;
  const std::string whole = read_file(write_small(dir));
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string flipped = whole;
    flipped[at] = static_cast<char>(flipped[at] ^ 0x41);
    write_file(dir / "flip.pack", flipped);
    EXPECT_THROW(Pack(dir / "flip.pack"), Error) << at;
  }
}

TEST(PackWriter, RefusesWrongSizesAndLabels) {
  const testing::TempDir dir;
  PackWriter writer(dir / "c.pack", small_info());
  Sample s;
  EXPECT_THROW(writer.add(s, std::vector<std::uint8_t>(5)), Error);
  s.label = 8;
  EXPECT_THROW(writer.add(s, std::vector<std::uint8_t>(6)), Error);
}

TEST(Split, Names) {
  EXPECT_EQ(split_from(" Val "), Split::valid);
  EXPECT_FALSE(split_from("rest").has_value());
}

}  // namespace
}  // namespace mien::pack
