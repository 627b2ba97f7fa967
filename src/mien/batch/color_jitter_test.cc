// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/color_jitter.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include "mien/batch/pillow.h"

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

/// Only brightness changes a flat picture without black; contrast and saturation do not. 100 × (0.6..1.4) is 60..140.
TEST(ColorJitter, FlatPicturesOnlyChangeTheirBrightness) {
  auto g = at::make_generator<at::CPUGeneratorImpl>(2);
  const auto out = color_jitter(torch::full({200, 1, 2, 2}, 100.f), 0.4, g);
  EXPECT_GE(out.min().item<float>(), 59);
  EXPECT_LE(out.max().item<float>(), 140);
  EXPECT_NEAR(out.mean().item<float>(), 100, 4);
}

// Values of Pillow 12 and torchvision's rule for 8-bit pictures.
TEST(ColorJitter, HueIsTurnedAsPillowDoes) {
  const at::Tensor pixels = torch::tensor({{200.f, 100.f, 50.f},
                                           {10.f, 240.f, 130.f},
                                           {30.f, 60.f, 220.f},
                                           {255.f, 255.f, 255.f},
                                           {0.f, 0.f, 0.f},
                                           {128.f, 64.f, 192.f},
                                           {90.f, 90.f, 10.f}})
                                .view({7, 3, 1, 1});
  const auto turned = [&](float shift) { return pillow::hue(pixels, torch::full({7}, shift)).flatten(); };
  EXPECT_TRUE(
      turned(0.05f).equal(torch::tensor({200.f, 142.f, 50.f, 10.f, 240.f, 194.f, 53.f,  30.f, 220.f, 255.f, 255.f,
                                         255.f, 0.f,   0.f,  0.f,  163.f, 64.f,  192.f, 68.f, 90.f,  10.f})))
      << turned(0.05f);
  EXPECT_TRUE(
      turned(-0.05f).equal(torch::tensor({200.f, 57.f, 50.f, 10.f, 240.f, 64.f, 30.f,  115.f, 220.f, 255.f, 255.f,
                                          255.f, 0.f,  0.f,  0.f,  91.f,  64.f, 192.f, 90.f,  67.f,  10.f})))
      << turned(-0.05f);
  const at::Tensor grey = torch::full({2, 1, 2, 2}, 77.f);
  EXPECT_TRUE(pillow::hue(grey, torch::full({2}, 0.3f)).equal(grey));
}

TEST(ColorJitter, HueJoinsTheOthersWhereItIsAskedFor) {
  auto g = at::make_generator<at::CPUGeneratorImpl>(1);
  const auto out = color_jitter(noise(), JitterRanges{0, 0, 0, 0.05}, g);
  EXPECT_FALSE(out.equal(noise()));
  EXPECT_LE((out.amax(1) - noise().amax(1)).abs().max().item<float>(), 1);  // rotating the hue keeps the largest value
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
