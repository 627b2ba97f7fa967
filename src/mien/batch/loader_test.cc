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

at::Tensor as_floats(const at::Tensor& pixels, Batch&, at::Generator&) { return pixels.to(at::kFloat); }

TEST(PackedSet, UnlabelledPicturesAreRefusedUnlessTheStageDoesWithoutLabels) {
  const testing::TempDir dir;
  pack::PackInfo info;
  info.width = info.height = 1;
  info.classes = face::class_set(8);
  pack::PackWriter writer(dir / "a.pack", info);
  for (int i = 0; i < 3; ++i) writer.add({}, std::vector<std::uint8_t>{0});
  writer.commit();
  const auto pack = std::make_shared<const pack::Pack>(dir / "a.pack");
  EXPECT_THROW(PackedSet(pack, pack::Split::train), Error);
  const PackedSet set(pack, pack::Split::train, 0, 0, /*needs_labels=*/false);
  EXPECT_EQ(set.labels(), (std::vector<std::int64_t>{-1, -1, -1}));
}

TEST(Loader, WithoutViewsReadsNoPixels) {
  const testing::TempDir dir;
  const PackedSet set(forty(dir), pack::Split::train);
  Loader loader(set, {.batch_size = 8, .seed = 1});
  const Batch batch = loader.next(0, 0);
  EXPECT_TRUE(batch.views.empty());
  EXPECT_EQ(batch.size(), 8);
  EXPECT_THROW(batch.images(), Error);
}

TEST(Loader, PassesRunOnAcrossEpochsOfAFixedNumberOfSteps) {
  const testing::TempDir dir;
  const PackedSet set(forty(dir), pack::Split::train);  // 30 pictures: passes of 3 batches
  Loader by_pass(set, {.batch_size = 10, .seed = 1}),
      by_steps(set, {.batch_size = 10, .steps_per_epoch = 4, .seed = 1});
  EXPECT_EQ(by_pass.steps_per_epoch(), 3);
  EXPECT_EQ(by_steps.steps_per_epoch(), 4);
  for (int number = 0; number < 9; ++number)
    EXPECT_TRUE(by_steps.next(number / 4, number % 4).index.equal(by_pass.next(number / 3, number % 3).index))
        << number;
}

TEST(Loader, WrapSeesFurtherPicturesAndTheProgressOverAllStages) {
  const testing::TempDir dir;
  const PackedSet set(forty(dir), pack::Split::train);
  std::vector<double> progress;
  const Wrap join = [&](Batch& batch, at::Generator&, double p) {
    ASSERT_EQ(batch.size(), 30);
    progress.push_back(p);
    at::Tensor& images = batch.views.front();
    // Row b, 10 + b and 20 + b belong together: the picture and its two further ones; the pixel is the pack's index.
    EXPECT_TRUE(images.flatten().to(at::kLong).equal(batch.index));
    images = images.reshape({3, 10, 1, 1, 1}).sum(0);
    batch.labels = batch.labels.slice(0, 0, 10);
    batch.index = batch.index.slice(0, 0, 10);
    batch.distribution = batch.distribution.slice(0, 0, 10);
  };
  const LoaderOptions options{
      .views = {as_floats}, .batch_size = 10, .further = 2, .wrap = join, .epochs_before = 3, .epochs_in_all = 6};
  Loader loader(set, options);
  const Batch first = loader.next(1, 1);
  EXPECT_EQ(first.size(), 10);
  Loader again(set, options);
  again.next(1, 0);
  EXPECT_TRUE(again.next(1, 1).images().equal(first.images()));  // depends only on epoch and step
  EXPECT_DOUBLE_EQ(progress.front(), (3 * 3 + 3 + 1) / 18.0);
  EXPECT_THROW(Loader(set, {.batch_size = 10, .further = 1}), Error);
  Loader unreduced(set, {.batch_size = 10, .further = 1, .wrap = [](Batch&, at::Generator&, double) {}});
  EXPECT_THROW(unreduced.next(0, 0), Error);
}

}  // namespace
}  // namespace mien::batch
