// SPDX-License-Identifier: Apache-2.0
#include "mien/train/ema.h"

#include <gtest/gtest.h>

namespace mien::train {
namespace {

TEST(Ema, FollowsTheFormulaAndSwaps) {
  torch::nn::Linear net(1, 1);
  const torch::NoGradGuard no_grad;
  net->weight.fill_(0);
  net->bias.fill_(0);
  Ema ema(*net, 0.5);
  net->weight.fill_(11);
  ema.update();  // d = min(0.5, 2/11): shadow = 11·(1 - 2/11) = 9
  ema.swap();
  EXPECT_NEAR(net->weight.item<float>(), 9, 1e-5);
  ema.swap();
  EXPECT_EQ(net->weight.item<float>(), 11);
  ema.update();  // d = min(0.5, 3/12) = 0.25: 9·0.25 + 11·0.75
  ema.swap();
  EXPECT_NEAR(net->weight.item<float>(), 10.5, 1e-5);
}

TEST(Ema, CountersAreCopied) {
  torch::nn::BatchNorm1d norm(2);
  Ema ema(*norm, 0.9);
  norm->num_batches_tracked.fill_(7);
  ema.update();
  ema.swap();
  EXPECT_EQ(norm->num_batches_tracked.item<std::int64_t>(), 7);
}

}  // namespace
}  // namespace mien::train
