// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/network.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/error.h"
#include "mien/methods/dan/class_maps.h"
#include "mien/nn/state.h"

namespace mien::methods::dan {
namespace {

TEST(DanNet, HasThePublishedSize) {
  DanNet seven(DanConfig{}, 7, 3), eight(DanConfig{}, 8, 3);
  EXPECT_EQ(nn::count_parameters(*seven), 19'723'733);
  EXPECT_EQ(nn::count_parameters(*eight), 19'724'248);
  EXPECT_EQ(nn::state_of(*seven).size(), 275u);
}

TEST(DanNet, SizeFollowsTheNumberOfHeads) {
  for (int heads : {1, 2, 8}) {
    DanConfig config;
    config.heads = heads;
    EXPECT_EQ(nn::count_parameters(*DanNet(config, 7, 3)), 11'176'512 + heads * 2'135'904 + 515 * 7);
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
  EXPECT_TRUE(unit->forward(torch::randn({3, 32})).gate.equal(torch::full({3, 32}, 0.5f)));
}

TEST(DanNet, SwitchesChangeShapesAsNamed) {
  DanConfig config;
  config.width = 8;
  config.spatial = false;
  config.final_bn = false;
  DanNet net(config, 8, 1);
  const auto out = net->forward(torch::randn({2, 1, 40, 48}));
  EXPECT_EQ(out.logits.sizes(), at::IntArrayRef({2, 8}));
  EXPECT_FALSE(out.maps.defined());
  config.heads = 0;
  const auto plain = DanNet(config, 8, 1)->forward(torch::randn({2, 1, 32, 32}));
  EXPECT_FALSE(plain.heads.defined());
  EXPECT_THROW(net->forward(torch::randn({2, 1, 16, 16})), Error);
  config.heads = 1;
  config.reduction = 7;
  EXPECT_THROW(DanNet(config, 8, 1), Error);
}

/// The last layer and its norm get sums of order -1000: bfloat16 would round them to multiples of 4.
TEST(DanNet, LastLayerStaysInFloat32) {
  torch::manual_seed(3);
  for (const int heads : {0, 4}) {
    DanConfig config;
    config.width = 8, config.heads = heads;
    DanNet net(config, 8, 1);
    nn::fill_by_formula(*net, "precision");
    net->eval();
    const torch::NoGradGuard no_grad;
    DanOutput out;
    {
      const nn::Autocast autocast(true, at::kCPU);
      out = net->forward(torch::randn({2, 1, 64, 64}));
    }
    ASSERT_EQ(out.features.scalar_type(), at::kBFloat16);
    const at::Tensor fused = heads ? out.heads.sum(1) : out.features.to(at::kFloat).mean({2, 3});
    const at::Tensor logits = net->fc->forward(fused);
    EXPECT_TRUE(out.logits.equal(heads ? net->bn->forward(logits) : logits)) << heads;
  }
}

/// One head of two channels and one hidden unit, two cells, by hand.
TEST(ClassMaps, HandCase) {
  const auto x = torch::tensor({{{{1.0f, 3.0f}}, {{2.0f, 0.0f}}}});  // (1,2,1,2)
  HeadOutput head;
  head.map = torch::tensor({{{{1.0f, 2.0f}}}});
  head.pooled = torch::tensor({{3.5f, 1.0f}});  // ((1·1 + 3·2) / 2, (2·1 + 0) / 2)
  const auto weight = torch::tensor({{2.0f, 1.0f}, {-1.0f, 3.0f}});
  head.vector = head.pooled;
  // No channel unit: cells of class k are M · (w_k · x): class 0 (2·1 + 1·2)·1 = 4, (2·3)·2 = 12; class 1 5, -6.
  EXPECT_TRUE(head_class_maps(x, {head}, {{}}, weight, true)
                  .equal(torch::tensor({4.f, 12.f, 5.f, -6.f}).view({1, 1, 2, 1, 2})));
  // Gate one half everywhere, and an inactive hidden unit: half of that.
  const ChannelGradients unit{torch::tensor({{1.0f, 1.0f}}), torch::tensor({{4.0f}, {8.0f}})};
  head.channel.hidden = torch::zeros({1, 1});
  head.channel.gate = torch::full({1, 2}, 0.5f);
  head.vector = head.pooled * 0.5;
  EXPECT_TRUE(head_class_maps(x, {head}, {unit}, weight, true)
                  .equal(torch::tensor({2.f, 6.f, 2.5f, -3.f}).view({1, 1, 2, 1, 2})));
  // Active: class 0 gains (2·1.75·0.5·4 + 1·0.5·0.5·8) = 9 on both channels: gradient (1 + 9, 0.5 + 9) → 10 + 19 =
  // 29, 60.
  head.channel.hidden = torch::ones({1, 1});
  const auto open = head_class_maps(x, {head}, {unit}, weight, true);
  EXPECT_NEAR(open[0][0][0][0][0].item<float>(), 29, 1e-4);
  EXPECT_NEAR(open[0][0][0][0][1].item<float>(), 60, 1e-4);
}

/// The closed-form gradient against LibTorch's: ∂ logit / ∂ (x ⊙ M_j), averaged over the cells, times x ⊙ M_j.
TEST(ClassMaps, EqualGradCamByAutograd) {
  torch::manual_seed(8);
  for (const bool spatial : {true, false})
    for (const bool channel : {true, false})
      for (const Fusion fusion : {Fusion::log_softmax, Fusion::none}) {
        DanConfig config;
        config.width = 8, config.spatial = spatial, config.channel = channel, config.fusion = fusion;
        DanNet net(config, 5, 1);
        nn::fill_by_formula(*net, "maps");
        net->eval();
        const auto images = torch::randn({2, 1, 64, 96});
        const at::Tensor x = net->features->forward(images).detach();
        std::vector<at::Tensor> attended, vectors;
        for (auto& head : net->heads) {
          const at::Tensor map = spatial ? head->sa->forward(x).detach() : torch::ones({2, 1, x.size(2), x.size(3)});
          attended.push_back((x * map).requires_grad_());
          const at::Tensor pooled = attended.back().mean({2, 3});
          vectors.push_back(channel ? pooled * head->ca->forward(pooled).gate : pooled);
        }
        const at::Tensor logits =
            net->bn->forward(net->fc->forward(fuse(at::stack(vectors, 1), net->log_softmax_fusion).sum(1)));
        const auto got = deploy_outputs(*net, net->forward(images));
        ASSERT_EQ(got.size(), spatial ? 4u : 3u);
        const at::Tensor class_maps = got[1].value, by_head = got[2].value;
        EXPECT_LT((got[0].value - logits).norm().item<float>(), 1e-4 * logits.norm().item<float>());
        at::Tensor all = torch::zeros_like(class_maps);
        for (std::int64_t k = 0; k < 5; ++k) {
          const auto gradients =
              torch::autograd::grad({logits.select(1, k).sum()}, attended, {}, /*retain_graph=*/true);
          for (std::int64_t j = 0; j < 4; ++j) {
            const auto weights = gradients[j].sum({2, 3}, true);  // Grad-CAM's mean, times the number of cells
            const at::Tensor expected = (weights * attended[j].detach()).sum(1);
            EXPECT_LT((by_head.select(1, j).select(1, k) - expected).norm().item<float>(),
                      1e-3 * expected.norm().item<float>() + 1e-6)
                << spatial << channel << to_word(fusion) << " head " << j << " class " << k;
            all.select(1, k) += expected;
          }
        }
        EXPECT_LT((class_maps - all).norm().item<float>(), 1e-3 * all.norm().item<float>() + 1e-6);
      }
}

/// Without heads the map is exact: its mean and the bias are the logit.
TEST(ClassMaps, OfTheBaselineAddUpToTheLogits) {
  torch::manual_seed(8);
  DanConfig config;
  config.width = 8, config.heads = 0;
  DanNet net(config, 5, 1);
  net->eval();
  const torch::NoGradGuard no_grad;
  const auto got = deploy_outputs(*net, net->forward(torch::randn({2, 1, 64, 64})));
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[1].spec.name, "class_maps");
  EXPECT_LT((got[1].value.mean({2, 3}) + net->fc->bias - got[0].value).abs().max().item<float>(), 1e-5);
}

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
