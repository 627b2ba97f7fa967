// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/sampler.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "mien/base/error.h"

namespace mien::batch {
namespace {

TEST(EpochOrder, ShuffleIsAPermutationThatChangesWithEpochAndRepeatsWithSeed) {
  const std::vector<std::int64_t> labels(50, 0);
  auto a = epoch_order(Sampler::shuffle, labels, 7, 0);
  EXPECT_EQ(a, epoch_order(Sampler::shuffle, labels, 7, 0));
  EXPECT_NE(a, epoch_order(Sampler::shuffle, labels, 7, 1));
  EXPECT_NE(a, epoch_order(Sampler::shuffle, labels, 8, 0));
  std::sort(a.begin(), a.end());
  std::vector<std::int64_t> all(50);
  std::iota(all.begin(), all.end(), 0);
  EXPECT_EQ(a, all);
}

// Card section 9: {0×90, 1×9, 2×1}, 100 draws × 200 epochs: each class a third, within 0.02.
TEST(EpochOrder, InverseFrequencyDrawsClassesEqually) {
  std::vector<std::int64_t> labels(90, 0);
  labels.insert(labels.end(), 9, 1);
  labels.push_back(2);
  double count[3] = {};
  for (int epoch = 0; epoch < 200; ++epoch) {
    const auto order = epoch_order(Sampler::inverse_frequency, labels, 3, epoch);
    ASSERT_EQ(order.size(), 100u);
    for (auto position : order) ++count[labels[static_cast<std::size_t>(position)]];
  }
  for (double c : count) EXPECT_NEAR(c / 20000, 1.0 / 3, 0.02);
}

TEST(EpochOrder, EqualPerClassTakesTheRarestClassWholeAndAsManyOfTheOthers) {
  std::vector<std::int64_t> labels(90, 0);
  labels.insert(labels.end(), 9, 1);
  labels.insert(labels.end(), 3, 2);
  const auto order = epoch_order(Sampler::equal_per_class, labels, 3, 0);
  EXPECT_EQ(order, epoch_order(Sampler::equal_per_class, labels, 3, 0));
  EXPECT_NE(order, epoch_order(Sampler::equal_per_class, labels, 3, 1));
  ASSERT_EQ(order.size(), 9u);
  int count[3] = {};
  for (auto position : order) ++count[labels[static_cast<std::size_t>(position)]];
  for (int c : count) EXPECT_EQ(c, 3);
  EXPECT_EQ(std::set<std::int64_t>(order.begin(), order.end()).size(), 9u);  // none twice
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
}

// Card part-based 4.3: no class above ceil(28 / 7) = 4 of a batch of 28. The rare classes have 8 pictures each, which
// is enough for two batches.
TEST(EpochOrder, CappedBatchesHoldNoClassAboveItsCap) {
  std::vector<std::int64_t> labels(40, 0);
  for (int c = 1; c < 7; ++c) labels.insert(labels.end(), 8, c);
  const auto order = epoch_order(Sampler::capped_batches, labels, 3, 0, 28);
  EXPECT_EQ(order, epoch_order(Sampler::capped_batches, labels, 3, 0, 28));
  EXPECT_NE(order, epoch_order(Sampler::capped_batches, labels, 3, 1, 28));
  ASSERT_EQ(order.size(), 56u);
  EXPECT_EQ(std::set<std::int64_t>(order.begin(), order.end()).size(), 56u);  // none twice
  for (std::size_t batch = 0; batch < 2; ++batch) {
    int count[7] = {};
    for (std::size_t i = 0; i < 28; ++i) ++count[labels[static_cast<std::size_t>(order[batch * 28 + i])]];
    for (int c : count) EXPECT_EQ(c, 4);
  }
}

// 32 pictures of 7 classes: the cap is 5. Three batches can take 3·5 + 5·3·5 + 6 = 96 pictures, all that they need;
// four could take 4·5 + 5·4·5 + 6 = 126 and would need 128.
TEST(EpochOrder, CappedBatchesAreAsManyAsTheCapAllows) {
  std::vector<std::int64_t> labels(100, 0);
  for (int c = 1; c < 6; ++c) labels.insert(labels.end(), 30, c);
  labels.insert(labels.end(), 6, 6);
  const auto order = epoch_order(Sampler::capped_batches, labels, 3, 0, 32);
  ASSERT_EQ(order.size(), 96u);
  for (std::size_t batch = 0; batch < 3; ++batch) {
    int count[7] = {};
    for (std::size_t i = 0; i < 32; ++i) ++count[labels[static_cast<std::size_t>(order[batch * 32 + i])]];
    for (int c : count) EXPECT_LE(c, 5);
  }
}

TEST(BatchBounds, LastSingleSampleJoinsTheBatchBefore) {
  EXPECT_EQ(batch_bounds(33, 16), (std::vector<std::size_t>{0, 16, 33}));
  EXPECT_EQ(batch_bounds(34, 16), (std::vector<std::size_t>{0, 16, 32, 34}));
  EXPECT_EQ(batch_bounds(5, 16), (std::vector<std::size_t>{0, 5}));
  EXPECT_EQ(batch_bounds(34, 16, true), (std::vector<std::size_t>{0, 16, 32}));
  EXPECT_EQ(batch_bounds(5, 16, true), (std::vector<std::size_t>{0, 5}));
  EXPECT_THROW(batch_bounds(1, 16), Error);
}

}  // namespace
}  // namespace mien::batch
