// SPDX-License-Identifier: Apache-2.0
// Hand cases D to G of the card's section 9.
#include "mien/methods/fdrl/relation.h"

#include <gtest/gtest.h>

#include "support/worst.h"

namespace mien::methods::fdrl {
namespace {

using testing::worst;

StackedLinear identity_layers(std::int64_t m, std::int64_t d) {
  return {at::eye(d).expand({m, d, d}).contiguous(), at::zeros({m, d})};
}

at::Tensor case_e() { return torch::tensor({0.3, 0.4, 0., 0., 0.6, 0.8}, at::kFloat).view({1, 3, 2}); }

/// Only the inter relation of f, which the decomposition passes through: l = f (non-negative), weights off.
Reconstruction relate(const at::Tensor& f, FdrlConfig config = {}) {
  const std::int64_t m = f.size(1), d = f.size(2);
  config.intra = false;
  FdrlLayers layers;
  layers.decompose = {at::eye(m * d).view({m, d, m * d}), at::zeros({m, d})};
  layers.inter = identity_layers(m, d);
  return reconstruct(config, layers, f.flatten(1));
}

TEST(FdrlRelation, IntraWeightsOfCaseD) {
  const StackedLinear zeros{at::zeros({2, 128, 128}), at::zeros({2, 128})};
  const at::Tensor any = torch::rand({3, 2, 128});
  EXPECT_LT(worst(intra_weights(any, zeros, false), std::vector<double>(6, 64)), 1e-4);
  EXPECT_LT(worst(intra_weights(any, zeros, true), std::vector<double>(6, 0.5)), 1e-6);
  const StackedLinear layer{torch::tensor({1., 0., 0., -1.}, at::kFloat).view({1, 2, 2}), at::zeros({1, 2})};
  const at::Tensor l = torch::tensor({1., 2.}, at::kFloat).view({1, 1, 2}), alpha = intra_weights(l, layer, false);
  EXPECT_LT(worst(alpha, {0.850262}), 1e-6);
  EXPECT_LT(worst(alpha.unsqueeze(2) * l, {0.850262, 1.700523}), 1e-6);
}

TEST(FdrlRelation, InterRelationOfCaseE) {
  const at::Tensor f = case_e().requires_grad_(true);
  const Reconstruction r = relate(f);
  EXPECT_LT(worst(r.inter_weights, {0, 0.462117, 0.462117, 0.462117, 0, 0.761594, 0.462117, 0.761594, 0}), 1e-6);
  EXPECT_LT(worst(r.inter, {0.277270, 0.369694, 0.595592, 0.794122, 0.138635, 0.184847}), 1e-6);
  EXPECT_LT(worst(r.intra * 0.5 + r.inter * 0.5, {0.288635, 0.384847, 0.297796, 0.397061, 0.369318, 0.492423}), 1e-6);
  EXPECT_LT(worst(r.expression, {0.955749, 1.274331}), 1e-6);
}

// Without the ReLU of the decomposition, since f has zeros at its kink; the ReLU of the messages passes nothing there.
TEST(FdrlRelation, GradientOfCaseE) {
  at::Tensor f = case_e().requires_grad_(true);
  const at::Tensor g = at::relu(apply_one_by_one(f, identity_layers(3, 2)));
  (f * 0.5 + at::matmul(inter_weights(g, Distance::euclidean), g) * 0.5).sum().backward();
  EXPECT_LT(worst(f.grad(), {0.631809, 0.521706, 0.5, 0.5, 1.783707, 2.007658}), 1e-5);
}

TEST(FdrlRelation, EqualMessagesOfCaseF) {
  at::Tensor f = at::full({1, 3, 2}, 0.7).requires_grad_(true);
  const Reconstruction r = relate(f);
  EXPECT_EQ(r.inter_weights.abs().max().item<float>(), 0);
  EXPECT_EQ(r.inter.abs().max().item<float>(), 0);
  r.expression.sum().backward();
  EXPECT_TRUE(f.grad().isfinite().all().item<bool>());
  EXPECT_LT(worst(f.grad(), std::vector<double>(6, 0.5)), 1e-6);  // only the skip
}

TEST(FdrlRelation, OrderOfLatentFeaturesDoesNotMatter) {  // case G
  torch::manual_seed(1);
  const std::int64_t m = 9, d = 8, p = 16;
  const auto draw = [&](std::int64_t in) {
    return StackedLinear{torch::randn({m, d, in}) * 0.3, torch::randn({m, d}) * 0.3};
  };
  const FdrlLayers layers{draw(p), draw(d), draw(d)};
  const at::Tensor order = torch::randperm(m, at::kLong), x = torch::rand({4, p});
  const auto permuted = [&](const StackedLinear& l) {
    return StackedLinear{l.weight.index_select(0, order), l.bias.index_select(0, order)};
  };
  const FdrlLayers other{permuted(layers.decompose), permuted(layers.intra), permuted(layers.inter)};
  const at::Tensor y = reconstruct({}, layers, x).expression, z = reconstruct({}, other, x).expression;
  EXPECT_LT((y - z).norm().item<double>(), 1e-5 * y.norm().item<double>());
  EXPECT_LT((reconstruct({}, layers, x).intra_weights.index_select(1, order) - reconstruct({}, other, x).intra_weights)
                .abs()
                .max()
                .item<double>(),
            1e-6);
}

TEST(FdrlRelation, SkipAndDistanceChangeWhatTheyName) {
  FdrlConfig message, cosine;
  message.skip = Skip::message;
  cosine.distance = Distance::cosine;
  const at::Tensor f = torch::tensor({1., 0., 0., 2.}, at::kFloat).view({1, 2, 2});
  EXPECT_LT(worst(relate(f, cosine).inter_weights, {0, 0.761594, 0.761594, 0}),
            1e-6);  // tanh(1): at right angles
  // The identity layer makes message and feature equal here; halved messages distinguish them.
  FdrlLayers layers{
      {at::eye(4).view({2, 2, 4}), at::zeros({2, 2})}, {}, {at::eye(2).expand({2, 2, 2}) * 0.5, at::zeros({2, 2})}};
  FdrlConfig intra;
  message.intra = intra.intra = false;
  const at::Tensor a = reconstruct(intra, layers, f.flatten(1)).expression,
                   b = reconstruct(message, layers, f.flatten(1)).expression;
  EXPECT_LT(worst(a - b, {0.25, 0.5}), 1e-6);  // δ (f - g), summed
}

TEST(FdrlRelation, LatentMapsAddUpToTheLatentFeature) {
  torch::manual_seed(2);
  const at::Tensor map = torch::randn({2, 6, 3, 3});
  const StackedLinear layer{torch::randn({4, 5, 6}), at::zeros({4, 5})};
  const at::Tensor latent = at::relu(apply_to_each(map.mean({2, 3}), layer));
  EXPECT_LT((latent_maps(map, latent, layer).mean({2, 3}) - latent.sum(2)).abs().max().item<double>(), 1e-5);
}

}  // namespace
}  // namespace mien::methods::fdrl
