// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/vit_se/explanation.h"

#include <gtest/gtest.h>

#include "mien/methods/vit_se/deploy_outputs.h"
#include "mien/nn/state.h"

namespace mien::methods::vit_se {
namespace {

VitSeNet network(const VitSeConfig& config) {
  face::InputSpec input;
  input.width = 48, input.height = 32, input.channels = 1;
  VitSeNet net(config, vit_options(config, input), 5);
  nn::fill_by_formula(*net, "maps");
  return net;
}

VitSeConfig tiny_config() {
  VitSeConfig config;
  config.preset = Preset::tiny;
  config.augment = Augment::none;
  config.depth = 2;
  return config;
}

struct Setting {
  Preset preset;
  bool se;
  GateActivation activation;
};
class ClassMaps : public ::testing::TestWithParam<Setting> {};

/// The closed-form gradient against LibTorch's: mean over the patches of ∂ logit / ∂ u, times u.
TEST_P(ClassMaps, EqualGradCamByAutograd) {
  torch::manual_seed(8);
  VitSeConfig config = tiny_config();
  config.preset = GetParam().preset;
  config.se = GetParam().se;
  config.se_activation = GetParam().activation;
  VitSeNet net = network(config);
  const auto images = torch::randn({2, 1, 32, 48});
  BlockImpl& last = *net->model->blocks.back();
  const at::Tensor tokens = net->model->blocks.front()->forward(net->model->embed(images)).detach();
  // The network from norm1 on, with its output as a leaf.
  const at::Tensor u = last.norm1->forward(tokens).detach().requires_grad_();
  const at::Tensor middle = tokens + last.attn->forward(u);
  const at::Tensor out = middle + last.mlp->forward(last.norm2->forward(middle));
  const at::Tensor logits = net->run_head(net->model->norm->forward(out.select(1, 0))).logits;

  const ClassTokenPass pass = class_token_pass(last, tokens);
  const HeadOutput head = net->run_head(net->model->norm->forward(pass.output));
  EXPECT_TRUE(head.logits.allclose(logits, 1e-4, 1e-5));
  const at::Tensor got = class_maps(*net, pass, head);
  for (std::int64_t k = 0; k < 5; ++k) {
    const auto gradient = torch::autograd::grad({logits.select(1, k).sum()}, {u}, {}, /*retain_graph=*/true).front();
    const at::Tensor weights = gradient.slice(1, 1).mean(1, /*keepdim=*/true);
    const at::Tensor expected = (weights * u.detach().slice(1, 1)).sum(2).view_as(got.select(1, k));
    EXPECT_LT((got.select(1, k) - expected).norm().item<float>(), 1e-3 * expected.norm().item<float>()) << k;
  }
}
INSTANTIATE_TEST_SUITE_P(Heads, ClassMaps,
                         ::testing::Values(Setting{Preset::tiny, true, GateActivation::sigmoid},
                                           Setting{Preset::tiny, true, GateActivation::relu},
                                           Setting{Preset::tiny, false, GateActivation::sigmoid},
                                           Setting{Preset::base, true, GateActivation::sigmoid}));

TEST(ClassTokenPass, EqualsTheWholeBlock) {
  VitSeNet net = network(tiny_config());
  const auto tokens = torch::randn({3, 25, 192});
  BlockImpl& block = *net->model->blocks.back();
  const auto whole = block.trace(tokens);
  const ClassTokenPass pass = class_token_pass(block, tokens);
  EXPECT_TRUE(pass.output.allclose(whole.tokens.select(1, 0), 1e-5, 1e-5));
  EXPECT_TRUE(pass.attention.allclose(whole.attention.narrow(2, 0, 1), 1e-5, 1e-6));
  EXPECT_TRUE(block.forward(tokens).allclose(whole.tokens, 1e-5, 1e-5));
}

/// One patch and the class token. A_1 = ((1,0),(.5,.5)), A_2's class row (.5,.5): halves with the identity give
/// (.75,.25) · ((1,0),(.25,.75)) = (.8125,.1875).
TEST(Rollout, HandCase) {
  const auto first = torch::tensor({{1.f, 0.f}, {.5f, .5f}}).view({1, 1, 2, 2});
  const auto last = torch::tensor({.5f, .5f}).view({1, 1, 1, 2});
  EXPECT_TRUE(rollout({first, last}).allclose(torch::tensor({{.1875f}})));
  const auto two_heads = torch::tensor({.75f, .25f, .25f, .75f}).view({1, 2, 1, 2});
  EXPECT_TRUE(rollout({first, two_heads}).allclose(torch::tensor({{.1875f}})));
}

/// Points on a line through their mean: the projection is their position on it, with the farthest one positive.
TEST(EigenCam, OfALine) {
  const auto places = torch::tensor({-3.f, 1.f, 2.f});
  const auto direction = torch::tensor({.6f, -.8f});
  const auto points = places.unsqueeze(1) * direction + 7.f;
  EXPECT_TRUE(eigen_cam(points.unsqueeze(0)).allclose(-places.unsqueeze(0), 1e-4, 1e-5));
}

TEST(EigenCam, PowersEqualTheDecomposition) {
  torch::manual_seed(3);
  const auto activations = torch::randn({4, 49, 24}) + torch::randn({4, 49, 1}) * torch::randn({1, 1, 24});
  EXPECT_TRUE(eigen_cam_by_powers(activations).allclose(eigen_cam(activations), 1e-3, 1e-3));
  EXPECT_TRUE(eigen_cam_by_powers(torch::ones({1, 9, 4})).isfinite().all().item<bool>());
}

TEST(DeployOutputs, AreTheNetworkAndItsMaps) {
  const torch::NoGradGuard no_grad;
  for (const bool se : {true, false}) {
    VitSeConfig config = tiny_config();
    config.se = se;
    VitSeNet net = network(config);
    const auto images = torch::randn({3, 1, 32, 48});
    const auto got = deploy_outputs(*net, images);
    ASSERT_EQ(got.size(), se ? 10u : 8u);
    const VitTrace trace = net->model->trace(images);
    const HeadOutput head = net->run_head(trace.features);
    EXPECT_TRUE(got[0].value.allclose(head.logits, 1e-4, 1e-5));
    EXPECT_EQ(got[1].value.sizes(), at::IntArrayRef({3, 5, 4, 6}));
    EXPECT_EQ(got[2].value.sizes(), at::IntArrayRef({3, 2, 4, 4, 6}));
    for (std::int64_t i = 0; i < 2; ++i) {
      const at::Tensor& whole = trace.blocks[static_cast<std::size_t>(i)].attention;
      EXPECT_TRUE(got[2].value.select(1, i).flatten(2).allclose(whole.select(2, 0).slice(2, 1), 1e-4, 1e-6));
    }
    const at::Tensor rolled = rollout({trace.blocks[0].attention, trace.blocks[1].attention});
    EXPECT_TRUE(got[3].value.allclose(got[2].value.mean(2), 1e-4, 1e-6));
    EXPECT_TRUE(got[4].value.flatten(1).allclose(rolled, 1e-4, 1e-6));
    EXPECT_EQ(got[5].value.sizes(), at::IntArrayRef({3, 1, 4, 6}));
    EXPECT_TRUE(got[6].value.flatten(2).allclose(trace.blocks[1].normed.slice(1, 1).transpose(1, 2), 1e-4, 1e-5));
    EXPECT_TRUE(got[7].value.allclose(trace.features, 1e-4, 1e-5));
    if (se) {
      EXPECT_TRUE(got[8].value.allclose(head.excitation, 1e-4, 1e-6));
      EXPECT_TRUE(got[9].value.allclose(head.excitation * trace.features, 1e-4, 1e-5));
    }
  }
}

/// Card section 9: rows of the class token (B, blocks, heads, 14, 14) at the published size; two of its eight blocks.
TEST(DeployOutputs, MapsOfThePublishedSize) {
  const torch::NoGradGuard no_grad;
  VitSeConfig config;
  config.depth = 2;
  config.augment = Augment::none;
  face::InputSpec input;
  input.width = input.height = 224;
  input.channels = 3;
  VitSeNet net(config, vit_options(config, input), 7);
  const auto got = deploy_outputs(*net, torch::randn({1, 3, 224, 224}));
  EXPECT_EQ(got[1].value.sizes(), at::IntArrayRef({1, 7, 14, 14}));
  EXPECT_EQ(got[2].spec.name, "block_head_maps");
  EXPECT_EQ(got[2].value.sizes(), at::IntArrayRef({1, 2, 8, 14, 14}));
  EXPECT_EQ(got[2].spec.cell_stride, 16);
  EXPECT_EQ(got[6].value.sizes(), at::IntArrayRef({1, 768, 14, 14}));
}

TEST(DeployOutputs, LargerPicturesAreSeenInTheirCentre) {
  const torch::NoGradGuard no_grad;
  VitSeNet net = network(tiny_config());
  const auto images = torch::randn({2, 1, 36, 52});
  const auto got = deploy_outputs(*net, images);
  EXPECT_TRUE(got[0].value.allclose(net->forward(images.slice(2, 2, 34).slice(3, 2, 50)).logits, 1e-4, 1e-5));
  EXPECT_EQ(got[1].spec.cell_stride, 8);
  EXPECT_EQ(got[1].spec.cell_first, 6);
}

}  // namespace
}  // namespace mien::methods::vit_se
