// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/window.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

namespace mien::batch {
namespace {

at::Tensor numbered(std::int64_t n) { return at::arange(16, at::kFloat).view({1, 1, 4, 4}).repeat({n, 1, 1, 1}); }

TEST(PlacedWindow, CornersAndCentre) {
  const auto out = placed_window(numbered(5), 2, 2, at::arange(5, at::kLong));
  const auto first = out.select(2, 0).select(2, 0).flatten();  // top left value of each window
  EXPECT_TRUE(first.equal(torch::tensor({0.f, 2.f, 8.f, 10.f, 5.f}))) << first;
  EXPECT_TRUE(out[4][0].equal(torch::tensor({{5.f, 6.f}, {9.f, 10.f}})));
}

TEST(CentreWindow, OddRestGoesToTheBottomAndTheRight) {
  EXPECT_TRUE(centre_window(numbered(1), 3, 3)[0][0][0].equal(torch::tensor({0.f, 1.f, 2.f})));
  EXPECT_TRUE(centre_window(numbered(1), 4, 4).equal(numbered(1)));
}

TEST(RandomWindow, ReachesEveryPlaceAndStaysInside) {
  auto g = at::make_generator<at::CPUGeneratorImpl>(1);
  const auto out = random_window(numbered(400), 2, 3, g);
  EXPECT_EQ(out.sizes(), at::IntArrayRef({400, 1, 2, 3}));
  const auto corners = std::get<0>(at::_unique(out.select(2, 0).select(2, 0).flatten()));
  EXPECT_TRUE(corners.equal(torch::tensor({0.f, 1.f, 4.f, 5.f, 8.f, 9.f}))) << corners;
}

TEST(RandomWindow, TellsWhereItsPictureLay) {
  auto g = at::make_generator<at::CPUGeneratorImpl>(2);
  Moves moves = Moves::none(50);
  const auto out = random_window(numbered(50), 2, 3, g, &moves);
  // The old picture's top left corner in fractions of the window determines the first pixel of the window.
  const auto corner = apply(moves, torch::zeros({50, 1, 2})).squeeze(1);
  const auto left = (-corner.select(1, 0) * 3).round(), top = (-corner.select(1, 1) * 2).round();
  EXPECT_TRUE(out.select(1, 0).select(1, 0).select(1, 0).equal(top * 4 + left));
}

}  // namespace
}  // namespace mien::batch
