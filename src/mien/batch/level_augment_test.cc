// SPDX-License-Identifier: Apache-2.0
// Expected values are those of DNFER's card, sections 4.2, 8.3 and 9.
#include "mien/batch/level_augment.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <set>

namespace mien::batch {
namespace {

using enum LevelOperation;

at::Tensor plus(std::int64_t n = 1) { return at::ones({n}); }
at::Generator generator(std::uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }
/// Two by two pixels of (200,100,50).
at::Tensor pixel() { return torch::tensor({200.f, 100.f, 50.f}).view({1, 3, 1, 1}).expand({1, 3, 2, 2}).contiguous(); }
std::vector<float> first_pixel(const at::Tensor& x) {
  return {x[0][0][0][0].item<float>(), x[0][1][0][0].item<float>(), x[0][2][0][0].item<float>()};
}
std::vector<float> on_pixel(LevelOperation operation, bool quirks = false) {
  return first_pixel(apply_level(operation, pixel(), plus(), {.reference_quirks = quirks}));
}

TEST(LevelAugment, SinglePixel) {
  EXPECT_EQ(on_pixel(color), (std::vector<float>{255, 78, 0}));
  EXPECT_EQ(on_pixel(color, true), (std::vector<float>{255, 103, 8}));
  EXPECT_EQ(on_pixel(brightness), (std::vector<float>{255, 190, 95}));
  EXPECT_EQ(on_pixel(posterize), (std::vector<float>{192, 96, 48}));
  EXPECT_EQ(on_pixel(solarize), (std::vector<float>{200, 100, 50}));
  EXPECT_EQ(on_pixel(identity), (std::vector<float>{200, 100, 50}));
  EXPECT_EQ(on_pixel(contrast, true), (std::vector<float>{255, 103, 8}));  // a flat picture's mean luma is the pixel's
}

TEST(LevelAugment, SharpnessStopsAtTheEndsOrWraps) {
  at::Tensor x = at::full({1, 1, 7, 7}, 250.0f);
  x[0][0][3][3] = 5;
  const at::Tensor sharp = apply_level(sharpness, x, plus(), {});
  EXPECT_EQ(sharp[0][0][3][3].item<float>(), 0);
  EXPECT_EQ(sharp[0][0][2][3].item<float>(), 255);
  EXPECT_EQ(sharp[0][0][0][0].item<float>(), 250);  // border unchanged
  const at::Tensor wrapped = apply_level(sharpness, x, plus(), {.reference_quirks = true});
  EXPECT_EQ(wrapped[0][0][3][3].item<float>(), 126);  // -130.7
  EXPECT_EQ(wrapped[0][0][2][3].item<float>(), 10);   // 266.96
}

TEST(LevelAugment, AutoContrastStretchesOrWhitens) {
  const at::Tensor ramp = at::arange(20, 171, at::kFloat).view({1, 1, 1, 151});
  const at::Tensor right = apply_level(auto_contrast, ramp, plus(), {});
  EXPECT_EQ(right.min().item<float>(), 0);
  EXPECT_EQ(right.max().item<float>(), 255);
  EXPECT_TRUE(apply_level(auto_contrast, ramp, plus(), {.reference_quirks = true}).equal(at::full_like(ramp, 255)));
  const at::Tensor from_black = ramp - 20;
  EXPECT_TRUE(apply_level(auto_contrast, from_black, plus(), {.reference_quirks = true})
                  .equal(apply_level(auto_contrast, from_black, plus(), {})));
}

TEST(LevelAugment, GeometryMovesByTheTableAndFillsWithGrey) {
  const at::Tensor x = at::arange(32, at::kFloat).view({1, 1, 1, 32}).expand({1, 1, 32, 32}).contiguous();
  const at::Tensor right = apply_level(translate_x, x, plus(), {});
  EXPECT_EQ(right[0][0][5][0].item<float>(), 10);
  EXPECT_EQ(right[0][0][5][31].item<float>(), 128);
  EXPECT_EQ(apply_level(translate_x, x, -plus(), {.shift_px = 4})[0][0][5][31].item<float>(), 27);
  EXPECT_TRUE(apply_level(translate_y, x, plus(), {}).slice(2, 0, 22).equal(x.slice(2, 0, 22)));
  EXPECT_EQ(apply_level(shear_x, x, plus(), {})[0][0][10][4].item<float>(), 7);  // 4 + 0.3·10.5
  EXPECT_EQ(apply_level(shear_y, x.transpose(2, 3).contiguous(), plus(), {})[0][0][4][10].item<float>(), 7);
  EXPECT_EQ(apply_level(rotate, at::full_like(x, 9), plus(), {})[0][0][0][0].item<float>(), 128);
  EXPECT_FALSE(apply_level(rotate, x, plus(), {}).equal(apply_level(rotate, x, -plus(), {})));
}

TEST(LevelAugment, EachOperationIsDrawnAFourteenthPerSlotAndAppliedHalfAsOften) {
  at::Generator g = generator(11);
  const std::int64_t n = 60000;
  const LevelDraws d = draw_levels(n, {}, g);
  for (int i = 0; i < kLevelOperations; ++i) {
    const at::Tensor is = d.operation == i;
    EXPECT_NEAR(is.sum().item<double>() / static_cast<double>(n), 1.0 / 7, 0.01) << i;
    EXPECT_NEAR((is & d.applied).sum().item<double>() / static_cast<double>(n), 1.0 / 14, 0.007) << i;
  }
  EXPECT_NEAR(d.sign.mean().item<double>(), 0, 0.02);
}

TEST(LevelAugment, StaysWithinEightBitsAndRepeats) {
  for (int channels : {1, 3}) {
    for (bool quirks : {false, true}) {
      const at::Tensor x = torch::randint(0, 256, {150, channels, 24, 24}).to(at::kFloat);
      at::Generator a = generator(5), b = generator(5);
      const at::Tensor out = level_augment(x, {.reference_quirks = quirks}, a);
      EXPECT_TRUE(out.equal(level_augment(x, {.reference_quirks = quirks}, b)));
      EXPECT_GE(out.min().item<float>(), 0);
      EXPECT_LE(out.max().item<float>(), 255);
      EXPECT_TRUE(out.equal(out.floor()));
      EXPECT_FALSE(out.equal(x));
      EXPECT_TRUE(level_augment(x, {.probability = 0}, a).equal(x));
    }
  }
}

TEST(ReflectCrop, MirrorsWithoutRepeatingTheEdge) {
  const at::Tensor x = at::arange(8, at::kFloat).view({1, 1, 1, 8}).expand({400, 1, 8, 8}).contiguous();
  at::Generator g = generator(2);
  const at::Tensor out = reflect_crop(x, 3, 6, g);
  std::set<float> first;
  for (int i = 0; i < 400; ++i) {
    const at::Tensor row = out[i][0][0];
    first.insert(row[0].item<float>());
    for (int j = 0; j < 7; ++j)
      EXPECT_EQ(std::abs(row[j + 1].item<float>() - row[j].item<float>()), 1);  // no value twice in a row
  }
  EXPECT_EQ(first, (std::set<float>{0, 1, 2, 3}));  // corners 0..6 begin at 3 2 1 0 1 2 3
  const at::Tensor still = reflect_crop(x, 0, 0, g);
  EXPECT_TRUE(still.equal(x));
}

TEST(ReflectCrop, TheLastCornerIsDrawnOnlyWhereAskedFor) {
  const at::Tensor x = at::arange(64, at::kFloat).view({1, 1, 1, 64}).expand({3000, 1, 8, 64}).contiguous();
  at::Generator g = generator(4);
  // The last column of the window at corner 8 mirrors column 59.
  const auto share = [&](std::int64_t last) {
    return (reflect_crop(x, 4, last, g).select(3, 63).select(2, 0) == 59).to(at::kFloat).mean().item<double>();
  };
  EXPECT_NEAR(share(8), 2.0 / 9, 0.03);  // corner 0 ends at column 59 too
  EXPECT_NEAR(share(7), 1.0 / 8, 0.03);
}

TEST(Cutout, CoversTheSquareOfTheCard) {
  at::Generator g = generator(1);
  const at::Tensor out = cutout(at::zeros({1000, 1, 224, 224}, at::kFloat), 16, 128, g);
  const at::Tensor area = (out == 128).sum({1, 2, 3}).to(at::kFloat);
  EXPECT_EQ(area.max().item<float>(), 256);
  EXPECT_GE(area.min().item<float>(), 64);
  EXPECT_NEAR(area.mean().item<double>(), 247, 3);
}

TEST(CutoutAt, IsClippedAtTheBorder) {
  const auto at_corner = [](float centre) {
    const auto place = torch::tensor({centre});
    return cutout_at(torch::ones({1, 1, 224, 224}), place, place, 16, 0).sum(3).flatten();  // ones left in each row
  };
  const auto first = at_corner(0), last = at_corner(223);
  EXPECT_TRUE(first.slice(0, 0, 8).eq(216).all().item<bool>());  // rows and columns 0..7 are filled
  EXPECT_TRUE(first.slice(0, 8).eq(224).all().item<bool>());
  EXPECT_TRUE(last.slice(0, 215).eq(215).all().item<bool>());  // rows and columns 215..223
  EXPECT_TRUE(last.slice(0, 0, 215).eq(224).all().item<bool>());
}

}  // namespace
}  // namespace mien::batch
