// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "mien/nn/class_activation.h"
#include "mien/nn/resnet.h"

namespace mien::nn {
namespace {

TEST(ResNet18, HasTorchvisionsSizeAndStrides) {
  auto net = resnet18_features({3, 64});
  EXPECT_EQ(nn::count_parameters(*net), 11'176'512);
  EXPECT_EQ(net->forward(torch::randn({1, 3, 96, 64})).sizes(), at::IntArrayRef({1, 512, 3, 2}));
  EXPECT_EQ(resnet18_features({1, 8})->forward(torch::randn({2, 1, 48, 48})).sizes(), at::IntArrayRef({2, 64, 2, 2}));
}

// One channel, identity kernels: relu(relu(x) + x) doubles positive values and drops the rest.
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

// One output, two inputs: γ/σ = 2/√(3 + 1) = 1; against LibTorch's own gradient.
TEST(GradientOf, IsTheWeightTimesTheNormsScale) {
  torch::nn::Linear linear(2, 1);
  torch::nn::BatchNorm1d norm(torch::nn::BatchNorm1dOptions(1).eps(1));
  norm->eval();
  {
    const torch::NoGradGuard no_grad;
    linear->weight.copy_(torch::tensor({{3.0f, -5.0f}}));
    norm->weight.fill_(2);
    norm->running_var.fill_(3);
  }
  EXPECT_TRUE(gradient_of(*linear, *norm).equal(torch::tensor({{3.0f, -5.0f}})));
  const auto x = torch::tensor({{0.5f, 4.0f}}).requires_grad_();
  norm->forward(linear->forward(x)).sum().backward();
  EXPECT_TRUE(gradient_of(*linear, *norm).equal(x.grad()));
}

TEST(TorchvisionNames, CoverTheWholeBackbone) {
  const auto renamed = torchvision_resnet_names().apply(
      {{"layer2.0.downsample.1.weight", torch::zeros({1})}, {"fc.weight", torch::zeros({1})}});
  ASSERT_EQ(renamed.size(), 1u);
  EXPECT_EQ(renamed[0].first, "5.0.downsample.1.weight");
}

}  // namespace
}  // namespace mien::nn
