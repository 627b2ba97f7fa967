// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/network.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/error.h"
#include "mien/methods/dan/fold.h"
#include "mien/tensor/state.h"

namespace mien::methods::dan {
namespace {

TEST(DanNet, HasThePublishedSize) {
  DanNet seven(DanConfig{}, 7, 3), eight(DanConfig{}, 8, 3);
  EXPECT_EQ(tensor::count_parameters(*seven), 19'723'733);
  EXPECT_EQ(tensor::count_parameters(*eight), 19'724'248);
  EXPECT_EQ(tensor::state_of(*seven).size(), 275u);
}

TEST(DanNet, SizeFollowsTheNumberOfHeads) {
  for (int heads : {1, 2, 8}) {
    DanConfig config;
    config.heads = heads;
    EXPECT_EQ(tensor::count_parameters(*DanNet(config, 7, 3)), 11'176'512 + heads * 2'135'904 + 515 * 7);
  }
}

TEST(DanNet, BranchKernelsLieTheRightWay) {
  SpatialUnit unit(8);
  EXPECT_EQ(unit->conv_1x3[0]->as<torch::nn::Conv2d>()->weight.sizes(), at::IntArrayRef({8, 4, 1, 3}));
  EXPECT_EQ(unit->conv_3x1[0]->as<torch::nn::Conv2d>()->weight.sizes(), at::IntArrayRef({8, 4, 3, 1}));
}

void set_branch(torch::nn::Sequential& branch, float bias) {
  const torch::NoGradGuard no_grad;
  branch[0]->as<torch::nn::Conv2d>()->weight.zero_();
  branch[0]->as<torch::nn::Conv2d>()->bias.fill_(bias);
}

// Card section 9: biases (0.5, 0.25, -0.25) give M = 512·0.5/sqrt(1+1e-5); biases (-1, 0.25, 0.25) give 0.
TEST(SpatialUnit, HandCase) {
  SpatialUnit unit(512);
  unit->eval();
  set_branch(unit->conv_3x3, 0.5f);
  set_branch(unit->conv_1x3, 0.25f);
  set_branch(unit->conv_3x1, -0.25f);
  const auto x = torch::randn({2, 512, 3, 3});
  const auto map = unit->forward(x);
  EXPECT_EQ(map.sizes(), at::IntArrayRef({2, 1, 3, 3}));
  EXPECT_NEAR(map.min().item<float>(), 255.9987, 1e-3);
  EXPECT_NEAR(map.max().item<float>(), 255.9987, 1e-3);
  set_branch(unit->conv_3x3, -1.0f);
  set_branch(unit->conv_3x1, 0.25f);
  EXPECT_EQ(unit->forward(x).abs().max().item<float>(), 0.0f);
}

TEST(ChannelUnit, ZeroSecondLayerHalves) {
  ChannelUnit unit(32, 16);
  unit->eval();
  const torch::NoGradGuard no_grad;
  unit->attention[3]->as<torch::nn::Linear>()->weight.zero_();
  unit->attention[3]->as<torch::nn::Linear>()->bias.zero_();
  EXPECT_TRUE(unit->forward(torch::randn({3, 32})).equal(torch::full({3, 32}, 0.5f)));
}

TEST(DanNet, SwitchesChangeShapesAsNamed) {
  DanConfig config;
  config.width = 8;
  config.spatial = false;
  config.final_bn = false;
  DanNet net(config, 8, 1);
  const auto out = net->forward(torch::randn({2, 1, 40, 48}));
  EXPECT_EQ(out.logits.sizes(), at::IntArrayRef({2, 8}));
  EXPECT_TRUE(out.maps.equal(torch::ones_like(out.maps)));
  config.heads = 0;
  const auto plain = DanNet(config, 8, 1)->forward(torch::randn({2, 1, 32, 32}));
  EXPECT_FALSE(plain.heads.defined());
  EXPECT_THROW(net->forward(torch::randn({2, 1, 16, 16})), Error);
  config.heads = 1;
  config.reduction = 7;
  EXPECT_THROW(DanNet(config, 8, 1), Error);
}

class Folding : public ::testing::TestWithParam<int> {};

TEST_P(Folding, EqualsTheUnfoldedNetwork) {
  torch::manual_seed(5);
  DanConfig config;
  config.width = 16;
  DanNet net(config, 8, 3);
  tensor::fill_by_formula(*net, "fold");
  net->eval();
  const torch::NoGradGuard no_grad;
  const FoldedDan folded(net);
  for (int batch : {1, 2}) {
    const auto x = torch::randn({batch, 3, GetParam(), GetParam()});
    const auto expected = net->forward(x);
    const auto got = folded.forward(x);
    EXPECT_LT(((got[0] - expected.logits).norm() / expected.logits.norm()).item<float>(), 1e-5);
    EXPECT_LT(((got[1] - expected.maps).norm() / expected.maps.norm()).item<float>(), 1e-5);
  }
}
INSTANTIATE_TEST_SUITE_P(Sizes, Folding, ::testing::Values(224, 112, 96, 64, 32));

TEST(Fusion, SumOfLogSoftmaxHasItsClosedForm) {
  torch::manual_seed(2);
  const auto v = torch::randn({2, 4, 6}) * 3;
  const auto closed = v.sum(1) - 4 * at::logsumexp(v, 1);
  EXPECT_LT((fuse(v, true).sum(1) - closed).abs().max().item<float>(), 1e-4);
  EXPECT_LE(fuse(v, true).sum(1).max().item<float>(), -4 * std::log(4.0) + 1e-5);
  EXPECT_TRUE(fuse(v.slice(1, 0, 1), true).equal(v.slice(1, 0, 1)));
}

}  // namespace
}  // namespace mien::methods::dan
