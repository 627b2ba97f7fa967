// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/position_embedding.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"

namespace mien::nn {
namespace {

TEST(PositionEmbedding, TheGridIsResizedAndTheClassRowStays) {
  // Class row 9; grid 0 1 / 2 3. To 4 × 4: samples at -0.25, 0.25, 0.75, 1.25, the outer ones clamped to the edge.
  const at::Tensor old = at::tensor({9.0f, 0.0f, 1.0f, 2.0f, 3.0f}).view({1, 5, 1});
  const at::Tensor out = resize_position_embedding(old, 1, 4);
  ASSERT_EQ(out.sizes(), at::IntArrayRef({1, 17, 1}));
  EXPECT_EQ(out[0][0][0].item<float>(), 9);
  EXPECT_EQ(out[0][1][0].item<float>(), 0);
  EXPECT_FLOAT_EQ(out[0][2][0].item<float>(), 0.25f);
  EXPECT_FLOAT_EQ(out[0][6][0].item<float>(), 0.75f);  // row 1, column 1: 0.25 + 2 · 0.25
  EXPECT_EQ(out[0][16][0].item<float>(), 3);
  EXPECT_TRUE(resize_position_embedding(old, 1, 2).equal(old));
  EXPECT_THROW(resize_position_embedding(old, 2, 4), Error);  // three cells are not a square
  EXPECT_THROW(resize_position_embedding(old.view({5}), 1, 4), Error);
}

}  // namespace
}  // namespace mien::nn
