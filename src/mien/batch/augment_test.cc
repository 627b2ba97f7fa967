// SPDX-License-Identifier: Apache-2.0
#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <numbers>

#include "mien/batch/affine.h"
#include "mien/batch/photometric.h"
#include "support/seeded.h"

namespace mien::batch {
namespace {

using testing::seeded;

at::Tensor picture() { return at::arange(16, at::kFloat).view({1, 1, 4, 4}); }

TEST(Warp, IdentityLeavesThePicture) {
  const auto out = warp(picture(), AffineParameters::identity(1), 4, 4, Sampling::bilinear, Border::replicate);
  EXPECT_LT((out - picture()).abs().max().item<float>(), 1e-5);
}

TEST(Warp, FlipMirrorsColumns) {
  auto p = AffineParameters::identity(1);
  p.flip = torch::tensor({true});
  EXPECT_LT((warp(picture(), p, 4, 4, Sampling::bilinear, Border::zero) - picture().flip(3)).abs().max().item<float>(),
            1e-5);
}

TEST(Warp, PositiveShiftMovesContentRightAndDown) {
  auto p = AffineParameters::identity(1);
  p.shift_x = torch::tensor({0.25f});
  p.shift_y = torch::tensor({0.5f});
  const auto out = warp(picture(), p, 4, 4, Sampling::nearest, Border::zero);
  EXPECT_EQ(out[0][0][2][1].item<float>(), 0.0f);  // old (0,0)
  EXPECT_EQ(out[0][0][3][3].item<float>(), 6.0f);  // old (1,2)
  EXPECT_EQ(out[0][0][0].abs().sum().item<float>(), 0.0f);
}

TEST(Warp, QuarterTurnIsClockwise) {
  auto p = AffineParameters::identity(1);
  p.rotation_rad = torch::tensor({static_cast<float>(std::numbers::pi / 2)});
  const auto out = warp(picture(), p, 4, 4, Sampling::bilinear, Border::replicate);
  EXPECT_NEAR(out[0][0][0][3].item<float>(), 0.0f, 1e-3);  // the top left corner moved to the top right
  EXPECT_NEAR(out[0][0][0][0].item<float>(), 12.0f, 1e-3);
}

TEST(Draw, StaysInRangeAndRepeats) {
  const AffineRange range{.rotation_deg = 15, .scale_low = 0.9, .scale_high = 1.1, .shift = 0.05};
  auto g1 = seeded(4), g2 = seeded(4);
  const auto a = draw(1000, range, g1), b = draw(1000, range, g2);
  EXPECT_TRUE(a.scale.equal(b.scale));
  EXPECT_LE(a.rotation_rad.abs().max().item<float>(), 15 * std::numbers::pi / 180 + 1e-6);
  EXPECT_GE(a.scale.min().item<float>(), 0.9f);
  EXPECT_LE(a.shift_x.abs().max().item<float>(), 0.05f);
  EXPECT_NEAR(a.flip.to(at::kFloat).mean().item<float>(), 0.5, 0.06);
}

TEST(RandomCrop, MovesByWholePixelsAndOnlyChosenPictures) {
  auto g = seeded(9);
  const auto images = at::ones({200, 1, 8, 8});
  at::Tensor chosen = at::zeros({200}, at::kBool);
  chosen.slice(0, 100).fill_(true);
  const auto out = random_crop(images, 2, chosen, g);
  EXPECT_TRUE(out.slice(0, 0, 100).equal(images.slice(0, 0, 100)));
  EXPECT_TRUE(((out == 0) | (out == 1)).all().item<bool>());
  EXPECT_GE(out.slice(0, 100).sum({1, 2, 3}).min().item<float>(), 36.0f);  // at most two rows and two columns are lost
  EXPECT_LT(out.slice(0, 100).mean().item<float>(), 0.95f);
}

TEST(RandomErasing, AreaAndShare) {
  auto g = seeded(2);
  const auto out = random_erasing(at::ones({2000, 1, 50, 50}), {}, g);
  const auto area = 1 - out.mean({1, 2, 3});
  const auto touched = area > 0;
  EXPECT_NEAR(touched.to(at::kFloat).mean().item<float>(), 0.5, 0.04);
  EXPECT_GE(area.masked_select(touched).min().item<float>(), 0.015f);
  EXPECT_LE(area.max().item<float>(), 0.27f);
}

TEST(Jitter, ScalesAndShiftsWholePictures) {
  auto g = seeded(1);
  const auto out = jitter(at::ones({64, 1, 2, 2}), 0.3, 0.2, g);
  EXPECT_TRUE(out.amax({1, 2, 3}).equal(out.amin({1, 2, 3})));
  EXPECT_LE(out.max().item<float>(), 1.5f);
  EXPECT_GE(out.min().item<float>(), 0.5f);
}

TEST(Mirror, TurnsThePicturesThatWereDrawn) {
  at::Generator g = seeded(3);
  const at::Tensor x = at::arange(12, at::kFloat).view({2, 1, 2, 3});
  EXPECT_TRUE(mirror(x, 1, g).equal(x.flip(3)));
  EXPECT_TRUE(mirror(x, 0, g).equal(x));
}

TEST(TakeLines, EachPictureGivesItsOwnPixels) {
  const at::Tensor x = at::arange(2 * 2 * 9, at::kFloat).view({2, 2, 3, 3});
  const at::Tensor out =
      take_lines(x, torch::tensor({{0, 2}, {1, 1}}, at::kLong), torch::tensor({{1}, {2}}, at::kLong));
  EXPECT_EQ(out.sizes(), at::IntArrayRef({2, 2, 2, 1}));
  EXPECT_TRUE(out.flatten().equal(torch::tensor({1., 7., 10., 16., 23., 23., 32., 32.}, at::kFloat)));
}

}  // namespace
}  // namespace mien::batch
