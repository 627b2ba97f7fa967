// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dnfer/network.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/nn/class_activation.h"
#include "mien/nn/state.h"

namespace mien::methods::dnfer {
namespace {

DnferConfig narrow() {
  DnferConfig config;
  config.width = 8;
  return config;
}

TEST(DnferNet, HasThePublishedSize) {
  EXPECT_EQ(nn::count_parameters(*DnferNet(DnferConfig{}, 7, 3)), 11'180'103);
  EXPECT_EQ(nn::count_parameters(*DnferNet(DnferConfig{}, 8, 3)), 11'180'616);
}

TEST(DnferNet, HasTheReferencesKeys) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : nn::state_of(*DnferNet(narrow(), 7, 3))) keys.push_back(key);
  EXPECT_EQ(keys.size(), 122u);
  for (const char* key :
       {"conv1.weight", "bn1.num_batches_tracked", "layer1.0.conv1.weight", "layer2.0.downsample.0.weight",
        "layer2.0.downsample.1.running_var", "layer4.1.bn2.bias", "classifier.weight", "classifier.bias"})
    EXPECT_EQ(std::count(keys.begin(), keys.end(), key), 1) << key;
}

TEST(DnferNet, ShapesFollowTheTable) {
  DnferNet net(DnferConfig{}, 7, 3);
  net->eval();
  const torch::NoGradGuard no_grad;
  const at::Tensor x = torch::randn({1, 3, 224, 224});
  EXPECT_EQ(net->features->forward(x).sizes(), at::IntArrayRef({1, 512, 7, 7}));
  EXPECT_EQ(net->forward(x).logits.sizes(), at::IntArrayRef({1, 7}));
}

// The trunk is registered part by part and run as one sequence: modes, gradients and new storage must reach it.
TEST(DnferNet, TheTrunkIsOneWithItsRegisteredParts) {
  DnferNet net(narrow(), 8, 1);
  const at::Tensor x = torch::randn({4, 1, 32, 32});
  net->train();
  EXPECT_TRUE(net->features[1]->as<torch::nn::BatchNorm2d>()->is_training());
  const at::Tensor in_training = net->forward(x).logits;
  in_training.sum().backward();
  for (const auto& p : net->named_parameters()) EXPECT_TRUE(p.value().grad().defined()) << p.key();
  net->eval();
  const torch::NoGradGuard no_grad;
  const at::Tensor before = net->forward(x).logits;
  EXPECT_FALSE(before.equal(in_training));
  for (auto& p : net->parameters()) p.set_data(p.detach() * 2);
  EXPECT_FALSE(net->forward(x).logits.equal(before));
}

// Trap 6: two forward calls update the statistics twice.
TEST(DnferNet, TwoCallsMoveTheStatisticsTwice) {
  DnferNet net(narrow(), 8, 1);
  net->train();
  net->forward(torch::randn({4, 1, 32, 32}));
  net->forward(torch::randn({4, 1, 32, 32}));
  for (const auto& b : net->named_buffers())
    if (b.key().ends_with("num_batches_tracked")) {
      EXPECT_EQ(b.value().item<std::int64_t>(), 2) << b.key();
    }
}

TEST(DnferNet, RefusesPicturesThatAreTooSmall) {
  EXPECT_THROW(DnferNet(narrow(), 8, 1)->forward(torch::randn({1, 1, 16, 16})), Error);
}

// The class maps that export adds (nn/class_activation.h): their mean and the bias are the logits, and they are
// Grad-CAM.
TEST(DnferNet, ClassMapsAverageToTheLogitsAndEqualGradCam) {
  torch::manual_seed(5);
  DnferNet net(narrow(), 8, 3);
  nn::fill_by_formula(*net, "maps");
  net->eval();
  const DnferOutput out = net->forward(torch::randn({3, 3, 64, 96}));
  const at::Tensor maps = nn::class_activation(out.features, net->classifier->weight);
  EXPECT_LT((maps.mean({2, 3}) + net->classifier->bias - out.logits).abs().max().item<float>(),
            1e-4 * out.logits.abs().max().item<float>());
  const at::Tensor x = out.features.detach().requires_grad_();
  const at::Tensor logits = net->classifier->forward(x.mean({2, 3}));
  for (std::int64_t k = 0; k < 8; ++k) {
    const auto gradient = torch::autograd::grad({logits.select(1, k).sum()}, {x}, {}, /*retain_graph=*/true)[0];
    const at::Tensor expected = (gradient * x).sum(1) * 6;
    EXPECT_LT((maps.select(1, k) - expected).norm().item<float>(), 1e-5 * expected.norm().item<float>()) << k;
  }
}

}  // namespace
}  // namespace mien::methods::dnfer
