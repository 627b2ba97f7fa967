// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/mixup.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

namespace mien::batch {
namespace {

TEST(Mixup, MixesPicturesAndTargets) {
  Batch batch;
  batch.views = {torch::tensor({1.f, 3.f}).view({2, 1, 1, 1})};
  batch.labels = torch::tensor({0, 1}, at::kLong);
  batch.distribution = torch::eye(2);
  mix(batch, {0.25, torch::tensor({1, 0}, at::kLong)});
  EXPECT_TRUE(batch.views[0].flatten().equal(torch::tensor({2.5f, 1.5f})));
  EXPECT_TRUE(batch.distribution.equal(torch::tensor({{0.25f, 0.75f}, {0.75f, 0.25f}})));
  EXPECT_TRUE(batch.labels.equal(torch::tensor({0, 1}, at::kLong)));
}

/// Beta(1,1) is uniform: mean 1/2, variance 1/12. Beta(8,8): variance 1/68.
TEST(Mixup, DrawsFromTheBetaDistribution) {
  auto g = at::make_generator<at::CPUGeneratorImpl>(3);
  for (const auto& [alpha, variance] : {std::pair{1.0, 1.0 / 12}, {8.0, 1.0 / 68}}) {
    double sum = 0, squares = 0;
    constexpr int kDraws = 4000;
    for (int i = 0; i < kDraws; ++i) {
      const double share = draw_mixup(2, alpha, g).share;
      sum += share;
      squares += share * share;
    }
    const double mean = sum / kDraws;
    EXPECT_NEAR(mean, 0.5, 0.02) << alpha;
    EXPECT_NEAR(squares / kDraws - mean * mean, variance, 0.06 * variance) << alpha;
  }
}

TEST(Mixup, OrderIsAPermutationThatRepeatsWithTheSeed) {
  auto a = at::make_generator<at::CPUGeneratorImpl>(5), b = at::make_generator<at::CPUGeneratorImpl>(5);
  const auto first = draw_mixup(50, 1, a), second = draw_mixup(50, 1, b);
  EXPECT_EQ(first.share, second.share);
  EXPECT_TRUE(first.order.equal(second.order));
  EXPECT_TRUE(std::get<0>(first.order.sort()).equal(at::arange(50, at::kLong)));
}

}  // namespace
}  // namespace mien::batch
