// SPDX-License-Identifier: Apache-2.0
// Hand-worked cases and counts of the card, sections 6 and 9.
#include "mien/methods/vit_se/network.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/methods/vit_se/loss.h"
#include "mien/nn/cross_entropy.h"
#include "mien/nn/recorder.h"
#include "mien/nn/state.h"

namespace mien::methods::vit_se {
namespace {

face::InputSpec square(int side, int channels = 3) {
  face::InputSpec input;
  input.width = input.height = side;
  input.channels = channels;
  return input;
}

VitSeConfig preset(Preset name) {
  VitSeConfig config;
  config.preset = name;
  config.augment = Augment::none;
  return config;
}

VitSeNet network(const VitSeConfig& config, int side, std::int64_t classes = 7, int channels = 3) {
  return VitSeNet(config, vit_options(config, square(side, channels)), classes);
}

struct Size {
  Preset preset;
  bool se;
  int ratio, side;
  std::int64_t parameters, multiply_adds;
};
class Sizes : public ::testing::TestWithParam<Size> {};

TEST_P(Sizes, AreThoseOfTheCard) {
  const Size& size = GetParam();
  VitSeConfig config = preset(size.preset);
  config.se = size.se;
  config.se_ratio = size.ratio;
  VitSeNet net = network(config, size.side);
  EXPECT_EQ(nn::count_parameters(*net), size.parameters);
  const torch::NoGradGuard no_grad;
  const auto recording =
      nn::record([&](const at::Tensor& x) { return std::vector<at::Tensor>{net->forward(x).logits}; },
                 {3, size.side, size.side}, {"logits"}, {});
  EXPECT_EQ(onnx::count_multiply_adds(recording), size.multiply_adds);
}
INSTANTIATE_TEST_SUITE_P(Presets, Sizes,
                         ::testing::Values(Size{Preset::small, false, 4, 224, 47'990'791, 9'888'122'112},
                                           Size{Preset::small, true, 4, 224, 48'286'663, 9'888'417'024},
                                           Size{Preset::small, true, 2, 224, 48'581'767, 9'888'711'936},
                                           Size{Preset::base, true, 4, 224, 86'099'911, 17'563'360'512},
                                           Size{Preset::tiny, true, 4, 64, 1'551'607, 104'715'072}));

TEST(VitSe, ThePublishedBackboneHasItsSize) {
  VitSeConfig config = preset(Preset::small);
  config.se = false;
  EXPECT_EQ(nn::count_parameters(*network(config, 224, 1000)), 48'754'408);
}

TEST(VitSe, KeysAreThoseOfTheCard) {
  std::vector<std::string> keys;
  for (const auto& entry : nn::state_of(*network(preset(Preset::small), 224))) keys.push_back(entry.first);
  EXPECT_EQ(keys.size(), 2u + 2 + 8 * 11 + 2 + 6);
  for (const char* key :
       {"model.cls_token", "model.pos_embed", "model.patch_embed.proj.weight", "model.blocks.7.attn.qkv.weight",
        "model.blocks.0.mlp.fc2.bias", "model.norm.weight", "head.fc1.weight", "head.fc2.bias", "head.cls.bias"})
    EXPECT_NE(std::find(keys.begin(), keys.end(), key), keys.end()) << key;
  EXPECT_EQ(std::find(keys.begin(), keys.end(), "model.blocks.0.attn.qkv.bias"), keys.end());
  VitSeConfig plain = preset(Preset::tiny);
  plain.se = false;
  EXPECT_EQ(nn::state_of(*network(plain, 64)).back().first, "head.bias");
}

void set(torch::nn::Linear& layer, const at::Tensor& weight, const at::Tensor& bias) {
  const torch::NoGradGuard no_grad;
  layer->weight.copy_(weight);
  layer->bias.copy_(bias);
}

TEST(ExcitationHead, HandCase) {
  ExcitationHead head(4, 2, 3, GateActivation::sigmoid);
  set(head->fc1, torch::tensor({{.5f, 0.f, 0.f, .5f}, {0.f, 1.f, 1.f, 0.f}}), torch::tensor({0.f, .5f}));
  set(head->fc2, torch::tensor({{1.f, 0.f}, {0.f, 1.f}, {-1.f, 0.f}, {.5f, -.5f}}),
      torch::tensor({0.f, .1f, 0.f, -1.f}));
  const auto out = head->forward(torch::tensor({{1.f, -2.f, .5f, 3.f}}));
  EXPECT_TRUE(out.hidden.allclose(torch::tensor({{2.f, 0.f}})));
  EXPECT_TRUE(out.excitation.allclose(torch::tensor({{.8808f, .5250f, .1192f, .5f}}), 0, 5e-5)) << out.excitation;
  EXPECT_TRUE(out.gated.allclose(torch::tensor({{.8808f, -1.0500f, .0596f, 1.5f}}), 0, 6e-5)) << out.gated;
}

TEST(ExcitationHead, WithoutWeightsHalvesTheFeatures) {
  ExcitationHead head(6, 3, 4, GateActivation::sigmoid);
  for (auto* layer : {&head->fc1, &head->fc2}) set(*layer, torch::zeros_like((*layer)->weight), torch::zeros({1}));
  const auto z = torch::randn({2, 6});
  EXPECT_TRUE(head->forward(z).logits.allclose(head->cls->forward(z / 2)));
}

TEST(ExcitationHead, ReluGateIsUnbounded) {
  ExcitationHead head(2, 2, 2, GateActivation::relu);
  set(head->fc1, torch::eye(2), torch::zeros({2}));
  set(head->fc2, torch::eye(2) * 3, torch::tensor({0.f, -1.f}));
  EXPECT_TRUE(head->forward(torch::tensor({{2.f, -1.f}})).excitation.equal(torch::tensor({{6.f, 0.f}})));
}

TEST(VitSe, AnOpenGateIsThePlainTransformer) {
  torch::manual_seed(2);
  VitSeConfig gated = preset(Preset::tiny), plain = gated;
  plain.se = false;
  VitSeNet a = network(gated, 64), b = network(plain, 64);
  initialise(a);
  const torch::NoGradGuard no_grad;
  nn::load_state(*b->model, nn::state_of(*a->model), "the gated network");
  set(b->plain_head, a->gated_head->cls->weight, a->gated_head->cls->bias);
  set(a->gated_head->fc2, torch::zeros_like(a->gated_head->fc2->weight), torch::full({1}, 40.f));
  const auto x = torch::randn({3, 3, 64, 64});
  EXPECT_LT((a->forward(x).logits - b->forward(x).logits).abs().max().item<float>(), 1e-6);
}

/// Two tokens, one head, q = k = v = x = identity.
TEST(Attention, HandCase) {
  VitOptions options;
  options.dim = 2, options.heads = 1;
  for (const auto& [scale, on, off] : {std::tuple{std::sqrt(.5), .6698f, .3302f}, {1.0 / 8, .5312f, .4688f}}) {
    options.attention_scale = scale;
    Attention attention(options);
    const torch::NoGradGuard no_grad;
    attention->qkv->weight.copy_(torch::eye(2).repeat({3, 1}));
    attention->proj->weight.copy_(torch::eye(2));
    attention->proj->bias.zero_();
    const auto expected = torch::tensor({{on, off}, {off, on}});
    const auto parts = attention->split(torch::eye(2).unsqueeze(0));
    EXPECT_TRUE(attention->weights(parts.query, parts.key)[0][0].allclose(expected, 0, 5e-5));
    EXPECT_TRUE(attention->forward(torch::eye(2).unsqueeze(0))[0].allclose(expected, 0, 5e-5));
  }
}

TEST(VitSe, TheScaleFollowsThePreset) {
  VitSeConfig config = preset(Preset::small);
  EXPECT_NEAR(vit_options(config, square(224)).attention_scale, 0.0360844, 1e-7);
  config.attention_scale = AttentionScale::head;
  EXPECT_NEAR(vit_options(config, square(224)).attention_scale, 1 / std::sqrt(96.0), 1e-12);
  EXPECT_EQ(vit_options(preset(Preset::base), square(224)).attention_scale, 0.125);
  EXPECT_NEAR(vit_options(preset(Preset::tiny), square(64)).attention_scale, 1 / std::sqrt(48.0), 1e-12);
}

TEST(VitSe, TakesTheCentreOfTheReferencesPictures) {
  VitSeConfig config;
  EXPECT_EQ(vit_options(config, square(256)).height, 224);
  config.preset = Preset::tiny;
  EXPECT_EQ(vit_options(config, square(73)).height, 64);
  config.augment = Augment::none;
  EXPECT_THROW(vit_options(config, square(73)), Error);
  EXPECT_THROW(network(config, 64)->forward(torch::randn({1, 3, 72, 72})), Error);
}

/// Card section 9: logits (2,0,0) and (0,1,0), labels (0,1).
TEST(FocalBatch, HandCase) {
  const auto logits = torch::tensor({{2.f, 0.f, 0.f}, {0.f, 1.f, 0.f}});
  const auto right = torch::tensor({{1.f, 0.f, 0.f}, {0.f, 1.f, 0.f}});
  const auto c = nn::cross_entropy(logits, right), swapped = nn::cross_entropy(logits, right.flip(0));
  EXPECT_NEAR(c.item<float>(), 0.3955, 5e-5);
  EXPECT_NEAR(swapped.item<float>(), 1.8955, 5e-5);
  EXPECT_NEAR(nn::cross_entropy(logits, right * 0.3 + right.flip(0) * 0.7).item<float>(), 1.4455, 5e-5);
  EXPECT_NEAR(focal_batch(c).item<float>(), 0.0422, 5e-5);
}

/// One block of tiny in double: the gradient of a weighted sum of the logits against central differences.
TEST(VitSe, GradientEqualsDifferences) {
  torch::manual_seed(4);
  VitSeConfig config = preset(Preset::tiny);
  config.depth = 1;
  VitSeNet net = network(config, 16);
  nn::fill_by_formula(*net, "differences");
  net->to(at::kDouble);
  const auto x = torch::randn({2, 3, 16, 16}, at::kDouble), weights = torch::randn({2, 7}, at::kDouble);
  const auto value = [&] { return (net->forward(x).logits * weights).sum(); };
  value().backward();
  const torch::NoGradGuard no_grad;
  constexpr double kStep = 1e-6;
  for (const auto& p : net->named_parameters()) {
    at::Tensor flat = p.value().view({-1});
    for (const std::int64_t i : {std::int64_t{0}, flat.size(0) / 3, flat.size(0) - 1}) {
      const double was = flat[i].item<double>();
      flat[i] = was + kStep;
      const double above = value().item<double>();
      flat[i] = was - kStep;
      const double below = value().item<double>();
      flat[i] = was;
      EXPECT_NEAR(p.value().grad().view({-1})[i].item<double>(), (above - below) / (2 * kStep), 1e-7)
          << p.key() << " " << i;
    }
  }
}

}  // namespace
}  // namespace mien::methods::vit_se
