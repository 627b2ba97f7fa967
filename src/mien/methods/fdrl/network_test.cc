// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fdrl/network.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/methods/fdrl/crops.h"
#include "mien/methods/fdrl/deploy_outputs.h"
#include "mien/nn/state.h"

namespace mien::methods::fdrl {
namespace {

FdrlConfig narrow() {
  FdrlConfig config;
  config.width = 8;
  config.latent_dim = 16;
  return config;
}

TEST(FdrlNet, HasTheCardsSize) {
  EXPECT_EQ(nn::count_parameters(*FdrlNet(FdrlConfig{}, 7, 3)), 12'065'607);
  EXPECT_EQ(nn::count_parameters(*FdrlNet(FdrlConfig{}, 6, 3)), 12'065'478);
  EXPECT_EQ(nn::count_parameters(*FdrlNet(FdrlConfig{}, 8, 3)), 12'065'736);
  EXPECT_EQ(nn::count_parameters(*FdrlNet(FdrlConfig{}, 7, 3)->backbone), 11'176'512);
  FdrlConfig plain;
  plain.fdn = false;
  EXPECT_EQ(nn::count_parameters(*FdrlNet(plain, 7, 3)), 11'176'512 + 7 * 513);
}

TEST(FdrlNet, HasThePublicKeys) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : nn::state_of(*FdrlNet(narrow(), 7, 3))) keys.push_back(key);
  for (const char* key : {"backbone.0.weight", "backbone.1.running_var", "backbone.4.0.conv1.weight",
                          "backbone.7.0.downsample.1.weight", "fdn.fdn_fc0.0.weight", "fdn.fdn_fc8.0.bias",
                          "frn.intra_rm.intra_fc3.0.weight", "frn.inter_rm.inter_fc5.0.bias", "epn.weight", "epn.bias"})
    EXPECT_EQ(std::count(keys.begin(), keys.end(), key), 1) << key;
  EXPECT_EQ(keys.size(), 120u + 2 * 27 + 2);
}

TEST(FdrlNet, ShapesFollowTheTable) {
  FdrlNet net(FdrlConfig{}, 7, 3);
  net->eval();
  const torch::NoGradGuard no_grad;
  for (std::int64_t n : {1, 3}) {
    const auto out = net->forward(torch::randn({n, 3, 64, 64}));
    EXPECT_EQ(out.basic.sizes(), at::IntArrayRef({n, 512}));
    EXPECT_EQ(out.parts.latent.sizes(), at::IntArrayRef({n, 9, 128}));
    EXPECT_EQ(out.parts.intra_weights.sizes(), at::IntArrayRef({n, 9}));
    EXPECT_EQ(out.parts.inter_weights.sizes(), at::IntArrayRef({n, 9, 9}));
    EXPECT_EQ(out.parts.expression.sizes(), at::IntArrayRef({n, 128}));
    EXPECT_EQ(out.logits.sizes(), at::IntArrayRef({n, 7}));
  }
  EXPECT_THROW(net->forward(torch::randn({1, 3, 16, 16})), Error);
}

TEST(FdrlNet, WhatFollowsThePoolingStaysInFloat32) {
  FdrlNet net(narrow(), 7, 3);
  const nn::Autocast autocast(true, at::kCPU);
  const auto out = net->forward(torch::randn({2, 3, 32, 32}));
  EXPECT_EQ(out.map.scalar_type(), at::kBFloat16);
  EXPECT_EQ(out.parts.expression.scalar_type(), at::kFloat);
  EXPECT_EQ(out.logits.scalar_type(), at::kFloat);
  EXPECT_TRUE(at::autocast::is_autocast_enabled(at::kCPU));
}

TEST(FdrlNet, DeploysWhatTheForwardPassGives) {
  torch::manual_seed(3);
  for (const bool fdn : {true, false}) {
    FdrlConfig config = narrow();
    config.fdn = fdn;
    FdrlNet net(config, 7, 3);
    net->eval();
    const torch::NoGradGuard no_grad;
    const at::Tensor centers = torch::rand({7, 9});
    const FdrlOutput plain = net->forward(torch::randn({3, 3, 64, 64}));
    const auto outputs = deploy_outputs(*net, plain, centers, /*border=*/6);
    ASSERT_EQ(outputs.size(), fdn ? 7u : 2u);
    EXPECT_TRUE(outputs[0].value.equal(plain.logits));
    EXPECT_EQ(outputs[1].spec.cell_first, 6.5f);
    if (!fdn) {
      EXPECT_LT((outputs[1].value.mean({2, 3}) + net->epn->bias - plain.logits).abs().max().item<double>(), 1e-5);
      continue;
    }
    EXPECT_TRUE(outputs[2].value.equal(plain.parts.intra_weights));
    EXPECT_TRUE(outputs[3].value.equal(centers.index_select(0, plain.logits.argmax(1))));
    EXPECT_LT((outputs[4].value - plain.parts.latent.norm(2, {2})).abs().max().item<double>(), 1e-5);
    EXPECT_TRUE(outputs[5].value.equal(plain.parts.inter_weights));
    EXPECT_TRUE(outputs[6].value.equal(plain.parts.expression));
  }
}

// Σ_d l_jd as a function of the features: gradient times features, and the mean over the cells up to the bias.
TEST(FdrlNet, LatentMapsEqualTheGradientByAutograd) {
  torch::manual_seed(3);
  FdrlNet net(narrow(), 7, 1);
  net->eval();
  const FdrlOutput out = net->forward(torch::randn({2, 1, 64, 96}));
  const StackedLinear decompose = net->layers().decompose;
  const at::Tensor maps = latent_maps(out.map, out.parts.latent, decompose), x = out.map.detach().requires_grad_();
  const at::Tensor sums = at::relu(apply_to_each(x.mean({2, 3}), decompose)).sum(2);
  for (std::int64_t j = 0; j < 9; ++j) {
    const auto gradient = torch::autograd::grad({sums.select(1, j).sum()}, {x}, {}, /*retain_graph=*/true)[0];
    const at::Tensor expected = (gradient * x).sum(1) * 6;  // gradients of a mean over six cells
    EXPECT_LT((maps.select(1, j) - expected).norm().item<float>(), 1e-5 * expected.norm().item<float>()) << j;
  }
}

TEST(FdrlViews, PaperCropsInProportionAndTakesTheCentre) {
  EXPECT_EQ(crop_side(236), 224);
  EXPECT_EQ(crop_side(112), 106);
  EXPECT_EQ(crop_side(64), 61);
  const at::Tensor x = torch::arange(236, at::kFloat).expand({1, 1, 236, 236});
  EXPECT_EQ(centre_crop(x).sizes(), at::IntArrayRef({1, 1, 224, 224}));
  EXPECT_EQ(centre_crop(x)[0][0][0][0].item<float>(), 6);
}

TEST(FdrlViews, CropsForLaboratorySetsAreNotMirroredAndSfewIsTurned) {
  face::InputSpec input;
  input.width = input.height = 59;
  input.mean = {0}, input.std = {1};
  batch::Batch batch;
  at::Generator g = at::make_generator<at::CPUGeneratorImpl>(1);
  const at::Tensor ramp = (torch::arange(59, at::kLong) * 4).to(at::kByte).expand({16, 1, 59, 59}).contiguous();
  const auto steps = [&](Augment augment) {
    const at::Tensor out = make_view(augment, input)(ramp, batch, g);
    EXPECT_EQ(out.sizes(), at::IntArrayRef({16, 1, 56, 56}));
    EXPECT_TRUE(takes_centre(augment));
    return (out.slice(3, 1) - out.slice(3, 0, 55)).mean({1, 2, 3});
  };
  EXPECT_NEAR((steps(Augment::ddl_crops) - 4.0 / 255).abs().max().item<double>(), 0, 1e-5);
  const at::Tensor turned = steps(Augment::ddl_sfew);
  EXPECT_GT((turned > 0).sum().item<int>(), 2);  // some mirrored, some not
  EXPECT_GT((turned < 0).sum().item<int>(), 2);
  EXPECT_GT(turned.abs().std().item<double>(), 1e-4);  // each picture rotated and with its own contrast
}

}  // namespace
}  // namespace mien::methods::fdrl
