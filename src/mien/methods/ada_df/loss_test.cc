// SPDX-License-Identifier: Apache-2.0
// Hand cases of card section 9, with its letters.
#include "mien/methods/ada_df/loss.h"

#include <gtest/gtest.h>

#include "mien/nn/cross_entropy.h"
#include "support/worst.h"

namespace mien::methods::ada_df {
namespace {

using testing::worst;

at::Tensor column(std::vector<float> values) { return torch::tensor(values).unsqueeze(1); }
at::Tensor cyclic_table() { return torch::tensor({{0.7f, 0.15f, 0.15f}, {0.15f, 0.7f, 0.15f}, {0.15f, 0.15f, 0.7f}}); }

/// Case D's two branches and weights.
AdaDfOutput case_d() {
  AdaDfOutput out;
  out.auxiliary.logits = torch::tensor({{1.0f, 0.0f, -1.0f}, {0.0f, 2.0f, 0.0f}, {0.5f, 0.5f, 1.0f}}).requires_grad_();
  out.target.logits = torch::tensor({{0.5f, 0.0f, 0.0f}, {0.0f, 1.0f, -1.0f}, {0.0f, 0.0f, 0.0f}}).requires_grad_();
  out.attention = column({0.30f, 0.45f, 0.60f}).requires_grad_();
  return out;
}
const at::Tensor kLabels = torch::arange(3, at::kLong);

TEST(Ramps, CaseA) {
  EXPECT_NEAR(ramps(1, 3).kl, 0.641180, 1e-6);
  EXPECT_NEAR(ramps(2, 3).kl, 0.894839, 1e-6);
  EXPECT_EQ(ramps(3, 3).kl, 1);
  EXPECT_EQ(ramps(3, 3).cross_entropy, 1);
  EXPECT_NEAR(ramps(4, 3).cross_entropy, 0.939413, 1e-6);
  EXPECT_NEAR(ramps(10, 3).cross_entropy, 0.612626, 1e-6);
  EXPECT_NEAR(ramps(75, 3).cross_entropy, 0.397882, 1e-6);
  EXPECT_EQ(ramps(75, 3).kl, 1);
  EXPECT_NEAR(ramps(1, 5).kl, 0.527292, 1e-6);
  EXPECT_NEAR(ramps(6, 5).cross_entropy, 0.972604, 1e-6);
}

TEST(RankLoss, CaseB) {
  const auto a = column({0.50f, 0.52f, 0.48f, 0.55f, 0.51f, 0.49f, 0.53f, 0.47f, 0.54f, 0.46f}).requires_grad_();
  const auto loss = rank_loss(a, 0.7, 0.07, 10);
  EXPECT_NEAR(loss.item<double>(), 0.02, 1e-6);
  loss.backward();
  for (int i = 0; i < 10; ++i)
    EXPECT_NEAR(a.grad()[i][0].item<double>(), i == 2 || i == 7 || i == 9 ? 1.0 / 3 : -1.0 / 7, 1e-6) << i;
  a.mutable_grad().reset();
  const auto idle = rank_loss(a, 0.7, 0.04, 10);
  EXPECT_EQ(idle.item<double>(), 0);
  idle.backward();
  EXPECT_EQ(a.grad().abs().max().item<double>(), 0);
}

TEST(RankLoss, OneSidedIsZeroAndTheReferencesCountIsTheConfiguredOne) {
  EXPECT_EQ(rank_loss(column({0.4f}), 0.7, 0.07, 1).item<double>(), 0);
  // 160 rows of a configured batch of 16: the 11 largest against the 5 smallest.
  const auto a = at::arange(160, at::kFloat) / 1000;
  EXPECT_NEAR(rank_loss(a, 0.7, 0.2, 16).item<double>(), 0.002 - 0.154 + 0.2, 1e-6);
}

TEST(Rescale, CaseC) {
  EXPECT_LT(worst(rescale(column({0.30f, 0.45f, 0.60f}), 0.2, 1), column({0.2f, 0.6f, 1.0f})), 1e-6);
}

TEST(Rescale, EqualWeightsBecomeTheSmallest) {
  const auto a = column({0.5f, 0.5f}).requires_grad_();
  const auto w = rescale(a, 0.2, 1);
  EXPECT_LT(worst(w, column({0.2f, 0.2f})), 1e-6);
}

TEST(Fusion, CaseD) {
  const AdaDfOutput out = case_d();
  AdaDfConfig config;
  config.rank_loss = false;
  const auto l = compute_losses(config, out, kLabels, cyclic_table(), 3);
  EXPECT_LT(worst(l.targets,
                  torch::tensor(
                      {{0.672193f, 0.225783f, 0.102024f}, {0.132603f, 0.734794f, 0.132603f}, {0.15f, 0.15f, 0.7f}})),
            1e-5);
  EXPECT_NEAR(l.kl.item<double>(), 0.148453, 1e-5);
  EXPECT_NEAR(l.cross_entropy.item<double>(), 0.480509, 1e-5);
  l.kl.backward();
  EXPECT_LT(worst(out.auxiliary.logits.grad(),
                  torch::tensor(
                      {{0.047782f, -0.020989f, -0.026793f}, {-0.009472f, 0.004744f, 0.004729f}, {0.0f, 0.0f, 0.0f}})),
            1e-5);
  EXPECT_LT(worst(out.target.logits.grad(), torch::tensor({{-0.073443f, 0.016095f, 0.057348f},
                                                           {0.037375f, -0.023184f, -0.014191f},
                                                           {0.061111f, 0.061111f, -0.122222f}})),
            1e-5);
  EXPECT_LT(worst(out.attention.grad(), column({0.008205f, -0.016410f, 0.008205f})), 1e-5);
}

TEST(Fusion, CaseF) {
  AdaDfOutput out = case_d();
  AdaDfConfig config;
  config.w_min = config.w_max = 1;
  EXPECT_LT(worst(compute_losses(config, out, kLabels, cyclic_table(), 3).targets, cyclic_table()), 1e-6);
  config.w_min = config.w_max = 0;
  EXPECT_LT(
      worst(compute_losses(config, out, kLabels, cyclic_table(), 3).targets, at::softmax(out.auxiliary.logits, 1)),
      1e-6);
}

TEST(Fusion, TargetsAndSwitches) {
  const AdaDfOutput out = case_d();
  const auto targets = [&](const AdaDfConfig& c) { return compute_losses(c, out, kLabels, cyclic_table(), 3).targets; };
  AdaDfConfig config;
  config.target = Target::onehot;
  EXPECT_TRUE(targets(config).equal(at::eye(3)));
  config.target = Target::label;
  EXPECT_LT(worst(targets(config), at::softmax(out.auxiliary.logits, 1)), 1e-7);
  config.target = Target::class_;
  EXPECT_TRUE(targets(config).equal(cyclic_table()));
  config.target = Target::fused;
  config.fusion_weight = "0.5";
  EXPECT_LT(worst(targets(config), (at::softmax(out.auxiliary.logits, 1) + cyclic_table()) / 2), 1e-6);
  EXPECT_TRUE(targets(config).requires_grad());
  config.detach_target = true;
  EXPECT_FALSE(targets(config).requires_grad());
}

TEST(KlDivergence, OneHotTargetIsCrossEntropyWithFiniteSlopes) {
  const auto logits = torch::tensor({{1.0f, 0.0f}, {0.0f, 3.0f}});
  const auto hard = at::eye(2).requires_grad_();
  const auto kl = kl_divergence(hard, logits, 2);
  EXPECT_NEAR(kl.item<double>(), nn::cross_entropy(logits, hard.detach()).item<double>(), 1e-6);
  kl.backward();
  EXPECT_TRUE(hard.grad().isfinite().all().item<bool>());
}

// Trap 4: the reference's divisor.
TEST(Quirks, DivergenceIsDividedByTheConfiguredBatch) {
  const AdaDfOutput out = case_d();
  AdaDfConfig config;
  const double plain = compute_losses(config, out, kLabels, cyclic_table(), 1).kl.item<double>();
  config.reference_quirks = true;
  EXPECT_NEAR(compute_losses(config, out, kLabels, cyclic_table(), 1).kl.item<double>(), 3 * plain, 1e-6);
}

}  // namespace
}  // namespace mien::methods::ada_df
