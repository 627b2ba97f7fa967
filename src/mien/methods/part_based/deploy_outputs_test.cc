// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/deploy_outputs.h"

#include <gtest/gtest.h>

#include "mien/methods/part_based/explanation.h"
#include "mien/nn/state.h"

namespace mien::methods::part_based {
namespace {

PartBasedNet small(EnsembleRule rule, std::vector<Part> parts = ensemble_parts()) {
  NetworkOptions options;
  options.rule = rule;
  options.parts = std::move(parts);
  options.sub_network.width = 16;
  options.sub_network.channels = 1;
  PartBasedNet network(options);
  nn::fill_by_formula(*network, "fold");
  network->eval();
  return network;
}

std::vector<at::Tensor> values_of(PartBasedNetImpl& network, const at::Tensor& images) {
  std::vector<at::Tensor> values;
  for (auto& output : deploy_outputs(network, images)) values.push_back(output.value);
  return values;
}

class EveryRule : public ::testing::TestWithParam<EnsembleRule> {};

TEST_P(EveryRule, EqualsTheNetworkInTraining) {
  torch::manual_seed(1);
  const torch::NoGradGuard no_grad;
  PartBasedNet network = small(GetParam());
  network->standards[1] = {torch::randn({128}), torch::rand({128}) + 0.5};
  const auto images = torch::randn({3, 1, 48, 32});
  const auto got = values_of(*network, images);
  ASSERT_EQ(got.size(), 10u);
  const at::Tensor logits = network->part_logits(images);
  EXPECT_TRUE(got[0].allclose(clamped_log(network->fuse(logits)), 1e-5, 1e-5));
  EXPECT_TRUE(got[3].allclose(at::softmax(logits, 2), 1e-5, 1e-5));
  for (std::size_t i = 0; i < 5; ++i) {
    SubNetwork& sub = network->networks[i];
    EXPECT_TRUE(got[5 + i].allclose(sub->landmarks->forward(sub->features->forward(images)), 1e-5, 1e-5));
  }
}

/// Votes have no gradient.
class EverySmoothRule : public ::testing::TestWithParam<EnsembleRule> {};

/// The closed-form gradients against LibTorch's, at the activations of all parts.
TEST_P(EverySmoothRule, MapsEqualGradCamByAutograd) {
  torch::manual_seed(1);
  PartBasedNet network = small(GetParam());
  const auto images = torch::randn({2, 1, 32, 48});
  std::vector<at::Tensor> activations, part_logits;
  for (auto& sub : network->networks) {
    activations.push_back(sub->features->activations(images).detach().requires_grad_());
    part_logits.push_back(sub->expression->forward(features_of(activations.back())));
  }
  const at::Tensor fused = network->fuse(at::stack(part_logits, 1));
  // The stacked layer is explained before its softmax.
  const at::Tensor score = network->stack.is_empty()
                               ? fused.log()
                               : network->stack->forward(at::softmax(at::stack(part_logits, 1), 2).flatten(1));
  const auto got = values_of(*network, images);
  const auto cam = [&](const at::Tensor& gradient, const at::Tensor& activation) {
    return (gradient.mean({2, 3}, /*keepdim=*/true) * activation.detach()).sum(1);
  };
  for (std::int64_t k = 0; k < 7; ++k) {
    const auto gradients = torch::autograd::grad({score.select(1, k).sum()}, activations, {}, /*retain_graph=*/true);
    at::Tensor expected = torch::zeros_like(got[1].select(1, k));
    for (std::size_t i = 0; i < activations.size(); ++i) {
      expected += cam(gradients[i], activations[i]);
      const auto own =
          torch::autograd::grad({part_logits[i].select(1, k).sum()}, {activations[i]}, {}, /*retain_graph=*/true);
      const at::Tensor part = got[2].select(1, static_cast<std::int64_t>(i)).select(1, k);
      const at::Tensor expected_part = cam(own[0], activations[i]);
      EXPECT_LT((part - expected_part).norm().item<float>(), 1e-4 * expected_part.norm().item<float>());
    }
    EXPECT_LT((got[1].select(1, k) - expected).norm().item<float>(), 1e-3 * expected.norm().item<float>()) << k;
  }
}
INSTANTIATE_TEST_SUITE_P(Rules, EveryRule,
                         ::testing::Values(EnsembleRule::mean, EnsembleRule::product, EnsembleRule::vote,
                                           EnsembleRule::stack));
INSTANTIATE_TEST_SUITE_P(Rules, EverySmoothRule,
                         ::testing::Values(EnsembleRule::mean, EnsembleRule::product, EnsembleRule::stack));

TEST(DeployOutputs, OfAnySubsetOfTheParts) {
  const torch::NoGradGuard no_grad;
  PartBasedNet network = small(EnsembleRule::mean, {Part::full});
  const auto got = values_of(*network, torch::randn({1, 1, 32, 32}));
  ASSERT_EQ(got.size(), 6u);
  EXPECT_EQ(got[5].sizes(), at::IntArrayRef({1, 136}));
  EXPECT_LT(got[4].abs().max().item<float>(), 1e-6);  // one part agrees with itself
}

TEST(LinearChain, FusedIsTheProduct) {
  LinearChain chain(std::vector<std::int64_t>{2, 2, 1});
  const torch::NoGradGuard no_grad;
  chain->layers[0]->weight.copy_(torch::tensor({{1.f, 2.f}, {3.f, 4.f}}));
  chain->layers[0]->bias.copy_(torch::tensor({1.f, -1.f}));
  chain->layers[1]->weight.copy_(torch::tensor({{10.f, 100.f}}));
  chain->layers[1]->bias.fill_(5);
  EXPECT_TRUE(chain->fused().weight.equal(torch::tensor({{310.f, 420.f}})));
  EXPECT_TRUE(chain->fused().bias.equal(torch::tensor({-85.f})));
}

}  // namespace
}  // namespace mien::methods::part_based
