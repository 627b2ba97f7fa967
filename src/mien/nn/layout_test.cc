// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/layout.h"

#include <gtest/gtest.h>

namespace mien::nn {
namespace {

TEST(ChannelsLast, GreyPicturesAndTheirFirstWeightsSayTheirLayout) {
  const at::Tensor x = at::arange(2 * 12 * 12, at::kFloat).view({2, 1, 12, 12});
  const at::Tensor y = channels_last(x);
  EXPECT_EQ(y.suggest_memory_format(), at::MemoryFormat::ChannelsLast);
  EXPECT_TRUE(at::equal(x, y));
}

TEST(ChannelsLast, AGreyNetworkStaysInTheLayout) {
  const at::Tensor weight = channels_last(at::randn({8, 1, 7, 7}));
  const at::Tensor out = at::conv2d(channels_last(at::randn({2, 1, 24, 24})), weight, {}, 2, 3);
  EXPECT_EQ(out.suggest_memory_format(), at::MemoryFormat::ChannelsLast);
}

TEST(ChannelsLast, ValuesAndShapeStay) {
  const at::Tensor x = at::randn({2, 3, 5, 4});
  EXPECT_TRUE(at::equal(channels_last(x), x));
  EXPECT_EQ(channels_last(x).stride(1), 1);
}

}  // namespace
}  // namespace mien::nn
