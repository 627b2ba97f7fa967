// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "mien/nn/class_activation.h"
#include "mien/nn/fold.h"

namespace mien::nn {
namespace {

TEST(ResNet18, HasTorchvisionsSizeAndStrides) {
  auto net = resnet18_features({3, 64});
  EXPECT_EQ(nn::count_parameters(*net), 11'176'512);
  EXPECT_EQ(net->forward(torch::randn({1, 3, 96, 64})).sizes(), at::IntArrayRef({1, 512, 3, 2}));
  EXPECT_EQ(resnet18_features({1, 8})->forward(torch::randn({2, 1, 48, 48})).sizes(), at::IntArrayRef({2, 64, 2, 2}));
}

// One channel, identity kernels: relu(relu(x) + x) doubles what is positive and drops the rest.
TEST(BasicBlock, HandCase) {
  BasicBlock block(BasicBlockOptions{1, 1, 1});
  block->eval();
  const torch::NoGradGuard no_grad;
  for (auto* conv : {&block->conv1, &block->conv2}) {
    (*conv)->weight.zero_();
    (*conv)->weight[0][0][1][1] = 1;
  }
  const auto y = block->forward(torch::tensor({{{{1.0f, -2.0f}, {3.0f, 0.0f}}}}));
  EXPECT_LT((y - torch::tensor({{{{2.0f, 0.0f}, {6.0f, 0.0f}}}})).abs().max().item<float>(), 1e-4);
}

// Two channels, two classes, 1 × 2 cells: features (1, 2) and (3, 5); weights (2, -1) and (0, 4).
TEST(ClassActivation, IsWeightsTimesFeatures) {
  const auto features = torch::tensor({{{{1.0f, 2.0f}}, {{3.0f, 5.0f}}}});
  const auto weight = torch::tensor({{2.0f, -1.0f}, {0.0f, 4.0f}});
  const auto maps = class_activation(features, weight);
  EXPECT_TRUE(maps.equal(torch::tensor({{{{-1.0f, -1.0f}}, {{12.0f, 20.0f}}}})));
  EXPECT_TRUE(maps.mean({2, 3}).equal(at::linear(features.mean({2, 3}), weight)));
}

TEST(Fold, ConvolutionAndNormByHand) {
  torch::nn::Conv2d conv(torch::nn::Conv2dOptions(1, 1, 1));
  torch::nn::BatchNorm2d norm(torch::nn::BatchNorm2dOptions(1).eps(0));
  const torch::NoGradGuard no_grad;
  conv->weight.fill_(3);
  conv->bias.fill_(1);
  norm->weight.fill_(2);
  norm->bias.fill_(-1);
  norm->running_mean.fill_(5);
  norm->running_var.fill_(4);
  // ((3x + 1) - 5) / 2 · 2 - 1 = 3x - 5
  const Folded folded = fold(*conv, *norm);
  EXPECT_FLOAT_EQ(folded.weight.item<float>(), 3);
  EXPECT_FLOAT_EQ(folded.bias.item<float>(), -5);
}

TEST(FoldedResNet18, EqualsTheNetworkInInference) {
  auto net = resnet18_features({1, 8});
  nn::fill_by_formula(*net, "f");
  net->eval();
  const torch::NoGradGuard no_grad;
  const auto x = torch::randn({2, 1, 64, 64});
  const auto expected = net->forward(x);
  EXPECT_LT(((FoldedResNet18(net).forward(x) - expected).norm() / expected.norm()).item<float>(), 1e-5);
}

TEST(TorchvisionNames, CoverTheWholeBackbone) {
  const auto renamed = torchvision_resnet_names().apply(
      {{"layer2.0.downsample.1.weight", torch::zeros({1})}, {"fc.weight", torch::zeros({1})}});
  ASSERT_EQ(renamed.size(), 1u);
  EXPECT_EQ(renamed[0].first, "5.0.downsample.1.weight");
}

}  // namespace
}  // namespace mien::nn
