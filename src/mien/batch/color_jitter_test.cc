// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/color_jitter.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

namespace mien::batch {
namespace {

at::Tensor noise() {
  torch::manual_seed(1);
  return torch::randint(0, 256, {64, 3, 6, 6}).to(at::kFloat);
}

TEST(ColorJitter, KeepsWholeValuesAndItsSeed) {
  auto a = at::make_generator<at::CPUGeneratorImpl>(1), b = at::make_generator<at::CPUGeneratorImpl>(1);
  const auto once = color_jitter(noise(), 0.4, a), again = color_jitter(noise(), 0.4, b);
  EXPECT_TRUE(once.equal(again));
  EXPECT_TRUE(once.equal(once.round()));
  EXPECT_GE(once.min().item<float>(), 0);
  EXPECT_LE(once.max().item<float>(), 255);
  EXPECT_FALSE(once.equal(noise()));
}

TEST(ColorJitter, RangeZeroChangesNothing) {
  auto g = at::make_generator<at::CPUGeneratorImpl>(1);
  EXPECT_TRUE(color_jitter(noise(), 0, g).equal(noise()));
}

/// Brightness alone changes a black-free flat picture; contrast and saturation leave it. 100 × (0.6..1.4) is 60..140.
TEST(ColorJitter, FlatPicturesOnlyChangeTheirBrightness) {
  auto g = at::make_generator<at::CPUGeneratorImpl>(2);
  const auto out = color_jitter(torch::full({200, 1, 2, 2}, 100.f), 0.4, g);
  EXPECT_GE(out.min().item<float>(), 59);
  EXPECT_LE(out.max().item<float>(), 140);
  EXPECT_NEAR(out.mean().item<float>(), 100, 4);
}

TEST(RandomGrey, AllChannelsAlikeWhereChosen) {
  auto g = at::make_generator<at::CPUGeneratorImpl>(2);
  const auto grey = random_grey(noise(), 1, g);
  EXPECT_TRUE(grey.select(1, 0).equal(grey.select(1, 2)));
  EXPECT_TRUE(random_grey(noise(), 0, g).equal(noise()));
  const auto some = random_grey(noise(), 0.5, g);
  const auto count = (some.select(1, 0) == some.select(1, 1)).flatten(1).all(1).sum().item<std::int64_t>();
  EXPECT_GT(count, 16);
  EXPECT_LT(count, 48);
}

}  // namespace
}  // namespace mien::batch
