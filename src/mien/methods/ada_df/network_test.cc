// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "mien/base/error.h"
#include "mien/methods/ada_df/deploy_outputs.h"
#include "mien/nn/state.h"

namespace mien::methods::ada_df {
namespace {

AdaDfConfig narrow(Branches branches = Branches::dual) {
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
  single.branches = Branches::single;
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

// Trap 8: dropout is off in inference.
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

// Card section 7: the maps decompose the logits exactly; a map is the gradient of the logit with respect to
// the features, times the features and the number of cells.
TEST(AdaDfNet, ClassMapsAddUpToTheLogitsAndEqualGradCam) {
  torch::manual_seed(4);
  for (const Branches branches : {Branches::dual, Branches::single}) {
    AdaDfNet net(narrow(branches), 8, 3);
    nn::fill_by_formula(*net, "maps");
    net->eval();
    const BranchOutput target = net->forward_target(torch::randn({3, 3, 96, 64}));
    const auto outputs = deploy_outputs(*net, target);
    ASSERT_EQ(outputs.size(), 3u);
    EXPECT_TRUE(outputs[0].value.equal(target.logits));
    EXPECT_TRUE(outputs[1].value.equal(target.attention));
    const at::Tensor maps = outputs[2].value, bias = net->target_classifier().bias;
    EXPECT_EQ(maps.sizes(), at::IntArrayRef({3, 8, 3, 2}));
    EXPECT_LT((maps.mean({2, 3}) + target.attention * bias - target.logits).norm().item<float>(),
              1e-5 * target.logits.norm().item<float>());
    // Clarity as a number: Grad-CAM's term through the attention is the same for all classes.
    const at::Tensor x = target.map.detach().requires_grad_();
    const at::Tensor logits =
        target.attention.detach() * at::linear(x.mean({2, 3}), net->target_classifier().weight, bias);
    for (std::int64_t k = 0; k < 8; ++k) {
      const auto gradient = torch::autograd::grad({logits.select(1, k).sum()}, {x}, {}, /*retain_graph=*/true)[0];
      const at::Tensor expected = (gradient * x).sum(1) * 6;
      EXPECT_LT((maps.select(1, k) - expected).norm().item<float>(), 1e-5 * expected.norm().item<float>()) << k;
    }
  }
}

}  // namespace
}  // namespace mien::methods::ada_df
