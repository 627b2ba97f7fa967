// SPDX-License-Identifier: Apache-2.0
#include "mien/train/ema.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"

namespace mien::train {
namespace {

TEST(Ema, FollowsTheFormulaAndSwaps) {
  torch::nn::Linear net(1, 1);
  const torch::NoGradGuard no_grad;
  net->weight.fill_(0);
  net->bias.fill_(0);
  Ema ema(*net, {.decay = 0.5});
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
  Ema ema(*norm, {.decay = 0.9});
  norm->num_batches_tracked.fill_(7);
  ema.update();
  ema.swap();
  EXPECT_EQ(norm->num_batches_tracked.item<std::int64_t>(), 7);
}

TEST(Ema, WarmUpsFollowTheirFormulas) {
  using method::AverageWarmUp;
  EXPECT_DOUBLE_EQ(average_decay({.decay = 0.9, .warm_up = AverageWarmUp::none}, 1), 0.9);
  EXPECT_DOUBLE_EQ(average_decay({.decay = 0.9, .warm_up = AverageWarmUp::ratio}, 1), 2.0 / 11);
  EXPECT_DOUBLE_EQ(average_decay({.decay = 0.9, .warm_up = AverageWarmUp::ratio}, 1000), 0.9);
  // FER-YOLO-Mamba, card 9: 0.9999 · (1 - exp(-n / 2000)).
  const method::MovingAverage published{
      .decay = 0.9999, .warm_up = AverageWarmUp::exponential, .warm_up_updates = 2000};
  EXPECT_NEAR(average_decay(published, 1), 4.998250e-4, 1e-10);
  EXPECT_NEAR(average_decay(published, 1000), 0.393430, 1e-6);
  EXPECT_NEAR(average_decay(published, 7000), 0.969706, 1e-6);
}

TEST(Ema, CoversANamedPartAlone) {
  torch::nn::Sequential net(torch::nn::Linear(1, 1), torch::nn::Linear(1, 1));
  const torch::NoGradGuard no_grad;
  for (auto& p : net->parameters()) p.fill_(1);
  Ema ema(*net, {.prefix = "1.", .decay = 0.5, .warm_up = method::AverageWarmUp::none});
  for (auto& p : net->parameters()) p.fill_(3);
  ema.update();
  ASSERT_EQ(ema.state().size(), 3u);
  EXPECT_EQ(ema.state().front().first, "1.weight");
  EXPECT_EQ(ema.state().back().first, "1.updates");
  ema.apply();
  EXPECT_EQ(net->parameters()[0].item<float>(), 3);
  EXPECT_EQ(net->parameters()[2].item<float>(), 2);
  EXPECT_THROW(Ema(*net, {.prefix = "2."}), Error);
}

TEST(Ema, ContinuesValuesAndCounter) {
  torch::nn::Linear net(1, 1);
  const torch::NoGradGuard no_grad;
  net->weight.fill_(0);
  Ema earlier(*net, {.decay = 0.9});
  net->weight.fill_(11);
  earlier.update();
  Ema later(*net, {.decay = 0.9});
  later.continue_from(earlier);
  later.update();  // 9·d + 11·(1 - d) with d = 3/12, the second update's
  later.apply();
  EXPECT_NEAR(net->weight.item<float>(), 10.5, 1e-5);
}

}  // namespace
}  // namespace mien::train
