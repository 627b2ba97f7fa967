// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"
#include "mien/methods/ada_df/fold.h"
#include "mien/nn/state.h"

namespace mien::methods::ada_df {
namespace {

AdaDfConfig narrow(const std::string& branches = "dual") {
  AdaDfConfig config;
  config.width = 8;
  config.branches = branches;
  return config;
}

TEST(AdaDfNet, HasThePublishedSize) {
  AdaDfNet seven(AdaDfConfig{}, 7, 3);
  EXPECT_EQ(nn::count_parameters(*seven), 22'203'728);
  EXPECT_EQ(nn::count_parameters(*seven->feature), 157'504);
  EXPECT_EQ(nn::count_parameters(*seven->branch_1), 11'022'599);
  EXPECT_EQ(nn::count_parameters(*seven->alpha_1), 513);
  EXPECT_EQ(nn::count_parameters(*AdaDfNet(AdaDfConfig{}, 8, 3)), 22'204'754);
  AdaDfConfig single;
  single.branches = "single";
  EXPECT_EQ(nn::count_parameters(*AdaDfNet(single, 7, 3)), 11'180'616);
}

// 218 tensors of the reference's 402 entries, the rest being aliases.
TEST(AdaDfNet, HasTheReferencesKeysWithoutAliases) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : nn::state_of(*AdaDfNet(narrow(), 7, 3))) keys.push_back(key);
  EXPECT_EQ(keys.size(), 218u);
  for (const char* key : {"feature.0.weight", "feature.1.running_mean", "feature.4.1.conv2.weight",
                          "branch_1.0.0.downsample.0.weight", "branch_1.2.1.bn2.bias", "branch_1.4.bias",
                          "branch_2.0.0.conv1.weight", "branch_2.4.weight", "alpha_1.0.weight", "alpha_2.0.bias"})
    EXPECT_EQ(std::count(keys.begin(), keys.end(), key), 1) << key;
}

TEST(AdaDfNet, ShapesFollowTheTable) {
  AdaDfNet net(AdaDfConfig{}, 7, 3);
  net->eval();
  const torch::NoGradGuard no_grad;
  const auto out = net->forward(torch::randn({1, 3, 224, 224}));
  EXPECT_EQ(net->feature->forward(torch::randn({1, 3, 224, 224})).sizes(), at::IntArrayRef({1, 64, 56, 56}));
  EXPECT_EQ(out.target.map.sizes(), at::IntArrayRef({1, 512, 7, 7}));
  EXPECT_EQ(out.target.logits.sizes(), at::IntArrayRef({1, 7}));
  EXPECT_EQ(out.attention.sizes(), at::IntArrayRef({1, 1}));
}

TEST(AdaDfNet, AttentionScalesTheLogitsBiasIncluded) {
  AdaDfNet net(narrow(), 3, 1);
  net->eval();
  const torch::NoGradGuard no_grad;
  for (auto& p : net->branch_2[4]->as<torch::nn::Linear>()->parameters()) p.fill_(0);
  net->branch_2[4]->as<torch::nn::Linear>()->bias.fill_(2);
  net->alpha_2[0]->as<torch::nn::Linear>()->weight.fill_(0);
  net->alpha_2[0]->as<torch::nn::Linear>()->bias.fill_(0);
  net->alpha_1[0]->as<torch::nn::Linear>()->weight.fill_(0);
  net->alpha_1[0]->as<torch::nn::Linear>()->bias.fill_(std::log(3.0f));
  const auto out = net->forward(torch::randn({2, 1, 32, 32}));
  EXPECT_TRUE(out.target.logits.equal(torch::ones({2, 3})));
  EXPECT_NEAR(out.attention[1][0].item<float>(), (0.5 + 0.75) / 2, 1e-6);
}

TEST(AdaDfNet, BranchesStartEqualAttentionDoesNot) {
  torch::manual_seed(1);
  AdaDfNet net(narrow(), 8, 1);
  initialise(net);
  const auto one = nn::state_of(*net->branch_1), two = nn::state_of(*net->branch_2);
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_TRUE(one[i].second.equal(two[i].second)) << one[i].first;
  EXPECT_FALSE(net->alpha_1->parameters()[0].equal(net->alpha_2->parameters()[0]));
  EXPECT_NE(net->branch_1->parameters()[0].data_ptr(),
            net->branch_2->parameters()[0].data_ptr());  // a copy, not an alias
}

// Trap 8: dropout rests in inference.
TEST(AdaDfNet, DropoutHonoursTheMode) {
  AdaDfConfig config = narrow();
  config.drop_rate = 0.5;
  AdaDfNet net(config, 8, 1);
  const auto x = torch::randn({4, 1, 32, 32});
  net->eval();
  EXPECT_TRUE(net->forward(x).target.logits.equal(net->forward(x).target.logits));
  net->train();
  EXPECT_FALSE(net->forward(x).target.logits.equal(net->forward(x).target.logits));
}

TEST(AdaDfNet, RefusesPicturesThatAreTooSmall) {
  EXPECT_THROW(AdaDfNet(narrow(), 8, 1)->forward(torch::randn({1, 1, 16, 16})), Error);
}

class Folding : public ::testing::TestWithParam<int> {};

TEST_P(Folding, EqualsTheTargetBranch) {
  for (const char* branches : {"dual", "single"}) {
    AdaDfNet net(narrow(branches), 8, 3);
    nn::fill_by_formula(*net, "fold");
    net->eval();
    const torch::NoGradGuard no_grad;
    const FoldedAdaDf folded(net);
    for (int batch : {1, 3}) {
      const auto x = torch::randn({batch, 3, GetParam(), GetParam()});
      const auto expected = net->forward_target(x);
      const auto got = folded.forward(x);
      EXPECT_LT(((got[0] - expected.logits).norm() / expected.logits.norm()).item<float>(), 1e-5);
      EXPECT_LT((got[1] - expected.attention).abs().max().item<float>(), 1e-5);
      // Card section 7: the maps tell where the logits come from, exactly.
      const auto bias = net->branch_2[4]->as<torch::nn::Linear>()->bias;
      EXPECT_EQ(got[2].sizes(), at::IntArrayRef({batch, 8, (GetParam() + 31) / 32, (GetParam() + 31) / 32}));
      EXPECT_LT((got[2].mean({2, 3}) + got[1] * bias - expected.logits).norm().item<float>(),
                1e-5 * expected.logits.norm().item<float>());
    }
  }
}
INSTANTIATE_TEST_SUITE_P(Sizes, Folding, ::testing::Values(224, 96, 32));

}  // namespace
}  // namespace mien::methods::ada_df
