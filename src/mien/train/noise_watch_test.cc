// SPDX-License-Identifier: Apache-2.0
#include "mien/train/noise_watch.h"

#include <gtest/gtest.h>

#include "methods/small_set.h"
#include "mien/base/error.h"
#include "support/temp_dir.h"

namespace mien::train {
namespace {

/// Predicts for each picture of the small set (label = index mod 8) the result of `answer` for its index.
score::Predictor predictor(int (*answer)(std::uint32_t)) {
  return [answer](std::span<const std::uint32_t> indices) {
    std::vector<float> logits(indices.size() * 8, 0);
    for (std::size_t i = 0; i < indices.size(); ++i) logits[i * 8 + static_cast<std::size_t>(answer(indices[i]))] = 1;
    return logits;
  };
}

TEST(NoiseWatch, CountsTheWrongLabelsAlone) {
  const testing::TempDir dir;
  batch::PackedSet set(std::make_shared<const pack::Pack>(testing::write_small_set(dir / "bars.pack", 320)),
                       pack::Split::train);
  EXPECT_THROW(NoiseWatch{set}, Error);  // true labels are not known
  std::vector<std::pair<std::uint32_t, int>> truth;
  for (const auto i : set.indices())
    truth.emplace_back(i, i % 2 == 0 ? static_cast<int>((i + 1) % 8) : static_cast<int>(i % 8));
  set.set_truth(truth);
  const NoiseWatch watch(set);
  const auto by_heart = watch.judge(predictor([](std::uint32_t i) { return static_cast<int>(i % 8); }));
  ASSERT_TRUE(by_heart.has_value());
  EXPECT_EQ(by_heart->wrong, 160);
  EXPECT_EQ(by_heart->memorised, 1);
  EXPECT_EQ(by_heart->recovered, 0);
  const auto seen_through = watch.judge(predictor([](std::uint32_t i) { return static_cast<int>((i + 1) % 8); }));
  EXPECT_EQ(seen_through->memorised, 0);
  EXPECT_EQ(seen_through->recovered, 1);
  const auto always_two = watch.judge(predictor([](std::uint32_t) { return 2; }));
  EXPECT_EQ(always_two->memorised, 0.25);  // of the even labels 0, 2, 4, 6
  EXPECT_EQ(always_two->recovered, 0);     // true ones are odd
}

TEST(NoiseWatch, HasNothingToSayWithoutWrongLabels) {
  const testing::TempDir dir;
  batch::PackedSet set(std::make_shared<const pack::Pack>(testing::write_small_set(dir / "bars.pack")),
                       pack::Split::train);
  std::vector<std::pair<std::uint32_t, int>> truth;
  for (const auto i : set.indices()) truth.emplace_back(i, static_cast<int>(i % 8));
  set.set_truth(truth);
  EXPECT_FALSE(NoiseWatch(set).judge(predictor([](std::uint32_t) { return 0; })).has_value());
}

}  // namespace
}  // namespace mien::train
