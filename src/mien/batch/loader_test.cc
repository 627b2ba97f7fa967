// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/loader.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mien/base/error.h"
#include "support/temp_dir.h"

namespace mien::batch {
namespace {

std::shared_ptr<const pack::Pack> forty(const testing::TempDir& dir) {
  pack::PackInfo info;
  info.width = info.height = 1;
  info.classes = face::class_set(8);
  pack::PackWriter writer(dir / "a.pack", info);
  for (int i = 0; i < 40; ++i) {
    pack::Sample s;
    s.split = i % 4 == 3 ? pack::Split::valid : pack::Split::train;
    s.label = i % 8;
    s.distribution[static_cast<std::size_t>(s.label)] = 1;
    writer.add(s, std::vector<std::uint8_t>{static_cast<std::uint8_t>(i)});
  }
  writer.commit();
  return std::make_shared<const pack::Pack>(dir / "a.pack");
}

TEST(PackedSet, ALimitDrawsThatManyBySeedInPackOrder) {
  const testing::TempDir dir;
  const auto pack = forty(dir);
  const PackedSet whole(pack, pack::Split::train), some(pack, pack::Split::train, 10, 1),
      same(pack, pack::Split::train, 10, 1), other(pack, pack::Split::train, 10, 2);
  EXPECT_EQ(whole.size(), 30u);
  ASSERT_EQ(some.size(), 10u);
  EXPECT_TRUE(std::is_sorted(some.indices().begin(), some.indices().end()));
  EXPECT_EQ(some.indices(), same.indices());
  EXPECT_NE(some.indices(), other.indices());
  for (const auto i : some.indices()) EXPECT_NE(i % 4, 3u);
  EXPECT_EQ(PackedSet(pack, pack::Split::train, 1000, 1).indices(), whole.indices());
}

TEST(PackedSet, TrueLabelsRideAlongWhereTheyAreKnown) {
  const testing::TempDir dir;
  const auto pack = forty(dir);
  PackedSet set(pack, pack::Split::train);
  const std::vector<std::int64_t> positions{0, 4};
  EXPECT_FALSE(set.targets(positions).true_labels.defined());
  std::vector<std::pair<std::uint32_t, int>> truth;
  for (const auto i : set.indices()) truth.emplace_back(i, static_cast<int>(7 - i % 8));
  set.set_truth(truth);
  const Batch batch = set.targets(positions);
  EXPECT_TRUE(batch.true_labels.equal(7 - batch.labels));
  truth.pop_back();
  EXPECT_THROW(set.set_truth(truth), Error);
}

}  // namespace
}  // namespace mien::batch
