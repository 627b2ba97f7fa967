// SPDX-License-Identifier: Apache-2.0
// Points are drawn into pictures, the pictures are warped, and the points must be at the positions that the moves give.
#include "mien/batch/moves.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <cmath>

#include "mien/batch/affine.h"
#include "mien/batch/level_augment.h"
#include "mien/batch/recipes.h"
#include "mien/face/points68.h"
#include "support/seeded.h"

namespace mien::batch {
namespace {

using testing::seeded;

constexpr std::int64_t kSide = 64, kPictures = 12;

/// (B,1,side,side): a bright spot with soft edges about one point (fractions) per picture.
at::Tensor spots(const at::Tensor& points) {
  const at::Tensor at_pixel = (at::arange(kSide, at::kFloat) + 0.5f) / static_cast<float>(kSide);
  const at::Tensor dx = at_pixel.view({1, 1, kSide}) - points.select(1, 0).view({-1, 1, 1});
  const at::Tensor dy = at_pixel.view({1, kSide, 1}) - points.select(1, 1).view({-1, 1, 1});
  return (255 * at::exp(-(dx * dx + dy * dy) / (2 * 0.03 * 0.03))).unsqueeze(1);
}

/// (B,2): centre of brightness of each picture, fractions of its sides.
at::Tensor centres(const at::Tensor& images) {
  const at::Tensor weight = images.squeeze(1);
  const at::Tensor sum = weight.sum({1, 2});
  const auto along = [&](std::int64_t summed, std::int64_t size) {
    const at::Tensor at_pixel = (at::arange(size, at::kFloat) + 0.5f) / static_cast<float>(size);
    return (weight.sum(summed) * at_pixel).sum(1) / sum;
  };
  return at::stack({along(1, images.size(3)), along(2, images.size(2))}, 1);
}

at::Tensor some_points(std::uint64_t seed) {
  auto g = seeded(seed);
  return at::stack({uniform(kPictures, 0.35, 0.65, g), uniform(kPictures, 0.35, 0.65, g)}, 1);
}

/// Largest distance, in fractions, between the spots in `moved` and where `moves` takes `points`.
double distance(const at::Tensor& moved, const Moves& moves, const at::Tensor& points) {
  const at::Tensor expected = apply(moves, points.unsqueeze(1)).squeeze(1);
  return (centres(moved) - expected).abs().max().item<double>();
}

TEST(Moves, FollowAnAffineWarpToAnotherSize) {
  auto g = seeded(1);
  const at::Tensor points = some_points(2);
  const auto p = draw(kPictures, {.rotation_deg = 30, .scale_low = 0.8, .scale_high = 1.2, .shift = 0.1}, g);
  EXPECT_TRUE(p.flip.any().item<bool>() && !p.flip.all().item<bool>());
  const at::Tensor moved = warp(spots(points), p, 80, 80, Sampling::bilinear, Border::zero);
  EXPECT_LT(distance(moved, moves_of(p), points), 0.003);
}

TEST(Moves, FollowMirrorCropsAndTheirSequence) {
  auto g = seeded(3);
  const at::Tensor points = some_points(4);
  Moves moves = Moves::none(kPictures);
  at::Tensor images = mirror(spots(points), 0.5, g, &moves);
  EXPECT_LT(distance(images, moves, points), 1e-4);
  images = random_crop(images, 6, at::ones({kPictures}, at::kBool), g, &moves);
  EXPECT_LT(distance(images, moves, points), 1e-3);
  images = reflect_crop(images, 5, 10, g, &moves);
  EXPECT_LT(distance(images, moves, points), 2e-3);
}

TEST(Moves, FollowWholeRecipes) {
  face::InputSpec input;
  input.width = input.height = 96;
  input.mean = {0}, input.std = {1};
  const at::Tensor points = some_points(5);
  auto g = seeded(6);
  Moves moves = Moves::none(kPictures);
  // Erasing and jitter change brightness, so only pictures with an unchanged spot are compared: most of them.
  const auto close = [&](const at::Tensor& images) {
    const at::Tensor shown = (images - images.amin({1, 2, 3}, true)).square();
    const at::Tensor error = (centres(shown.square()) - apply(moves, points.unsqueeze(1)).squeeze(1)).abs().amax(1);
    return (error < 0.02).sum().item<std::int64_t>();
  };
  const at::Tensor pixels = spots(points).to(at::kByte);
  EXPECT_GE(close(ferplus(pixels, input, g, &moves)), kPictures * 2 / 3);
  moves = Moves::none(kPictures);
  EXPECT_GE(close(raf_db(pixels, input, g, &moves)), kPictures * 2 / 3);
}

TEST(Moves, AWindowIsWorkedByHand) {
  const at::Tensor left = at::tensor({0.25f}), top = at::tensor({0.5f});
  const at::Tensor moved = apply(Moves::window(left, top, 0.5, 0.25), at::tensor({0.5f, 0.625f}).view({1, 1, 2}));
  EXPECT_NEAR(moved[0][0][0].item<float>(), 0.5, 1e-6);
  EXPECT_NEAR(moved[0][0][1].item<float>(), 0.5, 1e-6);
}

Batch two_rows() {
  Batch batch;
  batch.labels = at::zeros({2}, at::kLong);
  const auto points = static_cast<std::int64_t>(face::kNumPoints68);
  batch.landmarks = at::arange(2 * points * 2, at::kFloat).view({2, points, 2}) / 1000;
  batch.landmarks_known = at::tensor({1, 1}).to(at::kBool);
  batch.pose = at::tensor({30.0f, 5.0f, -10.0f, 8.0f}).view({2, 2});
  batch.pose_known = at::ones({2, 2}, at::kBool);
  batch.boxes = {at::tensor({0.1f, 0.2f, 0.3f, 0.4f, 6.0f}).view({1, 5}), at::zeros({0, 5})};
  batch.boxes_known = at::ones({2}, at::kBool);
  return batch;
}

TEST(MoveFields, MirroringExchangesPointsTurnsTheYawAndMovesBoxes) {
  Batch batch = two_rows();
  const at::Tensor before = batch.landmarks.clone();
  move_fields(batch, Moves::mirror(at::tensor({1, 0}).to(at::kBool)));
  // Point 36 (outer corner of the eye on the left) is now the mirrored old point 45.
  EXPECT_NEAR(batch.landmarks[0][36][0].item<float>(), 1 - before[0][45][0].item<float>(), 1e-6);
  EXPECT_NEAR(batch.landmarks[0][36][1].item<float>(), before[0][45][1].item<float>(), 1e-6);
  EXPECT_TRUE(batch.landmarks[1].allclose(before[1]));
  EXPECT_TRUE(batch.pose.equal(at::tensor({-30.0f, 5.0f, -10.0f, 8.0f}).view({2, 2})));
  EXPECT_TRUE(batch.boxes[0].allclose(at::tensor({0.6f, 0.2f, 0.3f, 0.4f, 6.0f}).view({1, 5})));
  EXPECT_EQ(batch.boxes[1].size(0), 0);
}

TEST(MoveFields, BoxesAreClippedAndTheLostOnesGo) {
  Batch batch = two_rows();
  batch.boxes[1] = at::tensor({0.8f, 0.0f, 0.2f, 0.2f, 1.0f}).view({1, 5});
  const at::Tensor left = at::tensor({0.25f, 0.0f}), top = at::zeros({2});
  move_fields(batch, Moves::window(left, top, 0.5, 1));
  EXPECT_TRUE(batch.boxes[0].allclose(at::tensor({0.0f, 0.2f, 0.3f, 0.4f, 6.0f}).view({1, 5})));  // 0.25..0.4 remains
  EXPECT_EQ(batch.boxes[1].size(0), 0);
  EXPECT_EQ(batch.boxes[1].size(1), 5);
}

TEST(MoveFields, UnknownLandmarksStayZero) {
  Batch batch = two_rows();
  batch.landmarks_known = at::tensor({1, 0}).to(at::kBool);
  batch.landmarks[1].zero_();
  move_fields(batch, Moves::window(at::full({2}, 0.5f), at::zeros({2}), 0.5, 0.5));
  EXPECT_EQ(batch.landmarks[1].abs().sum().item<float>(), 0);
}

}  // namespace
}  // namespace mien::batch
