// SPDX-License-Identifier: Apache-2.0
// Sizes and state-dict keys of all networks, and the networks that each step changes.
#include "mien/methods/ifer/network.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <iomanip>
#include <sstream>

#include "mien/base/error.h"
#include "mien/base/hash.h"
#include "mien/methods/ifer/discriminator.h"
#include "mien/methods/ifer/identity.h"
#include "mien/methods/ifer/loss.h"
#include "mien/methods/ifer/perceptual.h"
#include "mien/nn/state.h"

namespace mien::methods::ifer {
namespace {

EncoderOptions options_of(Preset preset) {
  EncoderOptions options;
  options.sizes = sizes_of(preset).encoder;
  options.drop_path = 0;
  return options;
}

/// Card section 6: FNV-1a 64 of the lines "key:d0,d1,..", sorted by key, and the number of keys.
std::string fingerprint(const torch::nn::Module& module) {
  auto state = nn::state_of(module);
  std::sort(state.begin(), state.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::ostringstream lines;
  for (const auto& [key, tensor] : state) {
    lines << key << ':';
    for (std::int64_t axis = 0; axis < tensor.dim(); ++axis) lines << (axis > 0 ? "," : "") << tensor.size(axis);
    lines << '\n';
  }
  std::ostringstream out;
  out << std::hex << std::setw(16) << std::setfill('0') << fnv1a64(lines.str()) << std::dec << " " << state.size();
  return out.str();
}

TEST(SmallNetworks, HaveTheCardsSizesAndKeys) {
  const Sizes sizes = sizes_of(Preset::small);
  Encoder encoder(options_of(Preset::small));
  EXPECT_EQ(nn::count_parameters(*encoder), 2'084'964);
  EXPECT_EQ(fingerprint(*encoder), "55948305699fe5ed 548");
  std::int64_t styles = 0, levels = 0;
  for (const auto& head : encoder->styles) styles += nn::count_parameters(*head);
  for (const auto& level : encoder->levels) levels += nn::count_parameters(*level);
  EXPECT_EQ(styles, 1'448'020);
  EXPECT_EQ(levels, 548'991);
  EXPECT_EQ(nn::count_parameters(*encoder->patch_embed), 3'345);
  Generator generator(sizes.generator);
  EXPECT_EQ(nn::count_parameters(*generator), 283'464);
  EXPECT_EQ(fingerprint(*generator), "2758378ec753f5bf 91");
  InversionDiscriminator discriminator(sizes.generator, sizes.embedding);
  EXPECT_EQ(nn::count_parameters(*discriminator->model_q), 195'312);
  EXPECT_EQ(nn::count_parameters(*discriminator), 2 * 195'312);
  EXPECT_EQ(fingerprint(*discriminator), "14bc670d892ddf43 64");
  Critic critic(sizes.generator);
  EXPECT_EQ(nn::count_parameters(*critic), 296'401);
  EXPECT_EQ(fingerprint(*critic), "90cde06623152031 36");
  EXPECT_EQ(nn::count_parameters(*FerNet(options_of(Preset::small), 7, FerHead::modulated)), 2'130'603);
  EncoderOptions wide = options_of(Preset::small);
  wide.sizes.dim = 32;
  EXPECT_EQ(nn::count_parameters(*Encoder(wide)), 8'255'332);
  EXPECT_EQ(nn::count_parameters(*FerNet(wide, 7, FerHead::modulated)), 8'436'715);
}

TEST(BaseNetworks, HaveTheCardsSizesAndKeys) {
  const Sizes sizes = sizes_of(Preset::base);
  {
    Encoder encoder(options_of(Preset::base));
    EXPECT_EQ(nn::count_parameters(*encoder), 265'832'456);
    EXPECT_EQ(fingerprint(*encoder), "f24a2892f3ceebfa 1082");
  }
  {
    FerNet fer(options_of(Preset::base), 7, FerHead::modulated);
    EXPECT_EQ(nn::count_parameters(*fer), 268'720'655);
    EXPECT_EQ(fingerprint(*fer), "b59b455a476c0a58 1089");
  }
  Generator generator(sizes.generator);
  EXPECT_EQ(nn::count_parameters(*generator), 30'034'338);
  EXPECT_EQ(fingerprint(*generator), "e21ef79c7a2886ec 135");
  Embedder embedder(sizes.generator, sizes.embedding);
  EXPECT_EQ(nn::count_parameters(*embedder), 22'370'048);
  EXPECT_EQ(fingerprint(*embedder), "02fa4c5702534d13 46");
  EXPECT_EQ(nn::count_parameters(*Critic(sizes.generator)), 28'864'129);
  EXPECT_EQ(nn::count_parameters(*IrSe50()), 43'797'696);
  EXPECT_EQ(nn::count_parameters(*AlexNetTaps()), 2'469'696);
}

TEST(FerNet, HeadsDifferInWhatTheySee) {
  const auto images = torch::randn({2, 3, 64, 64});
  for (const auto kind : {FerHead::modulated, FerHead::structure, FerHead::latent}) {
    FerNet fer(options_of(Preset::small), 5, kind);
    const auto out = fer->forward(images);
    EXPECT_EQ(out.logits.sizes(), at::IntArrayRef({2, 5}));
    EXPECT_EQ(out.mean_code.sizes(), at::IntArrayRef({2, 1, 64}));
    EXPECT_EQ(out.modulated.defined(), kind != FerHead::latent);
    out.logits.sum().backward();
    const auto touched = [](const at::Tensor& p) {
      return p.grad().defined() && p.grad().abs().sum().item<float>() > 0;
    };
    EXPECT_EQ(touched(fer->feature_model->last_block->weight), kind != FerHead::latent);
    EXPECT_EQ(touched(fer->feature_model->styles[0]->linear->weight), kind != FerHead::structure);
  }
}

/// The small networks of an inversion step, and their initial parameters.
class Steps : public ::testing::Test {
 protected:
  Steps() : sizes(sizes_of(Preset::small)) {
    torch::manual_seed(8);
    images = torch::rand({2, 3, 64, 64}) * 2 - 1;
  }
  bool has_gradient(torch::nn::Module& module) {
    for (const auto& p : module.parameters())
      if (p.grad().defined() && p.grad().abs().sum().item<float>() > 0) return true;
    return false;
  }
  at::Tensor invert() {
    const auto out = encoder->forward(images);
    return generator->forward(out.codes, out.structure, Noise::fixed).image;
  }

  Sizes sizes;
  at::Tensor images;
  Encoder encoder{options_of(Preset::small)};
  Generator generator{sizes.generator};
  InversionDiscriminator discriminator{sizes.generator, sizes.embedding};
};

TEST_F(Steps, DiscriminatorStepReachesItsQueryAlone) {
  const auto image = invert().detach();
  (score_loss(discriminator->forward(images, images), 1) + score_loss(discriminator->forward(image, images), -1))
      .backward();
  EXPECT_TRUE(has_gradient(*discriminator->model_q));
  EXPECT_FALSE(has_gradient(*discriminator->model_k));
  EXPECT_FALSE(has_gradient(*encoder));
  EXPECT_FALSE(has_gradient(*generator));
}

TEST_F(Steps, AdversarialGradientFlowsThroughTheQueryIntoTheEncoder) {
  score_loss(discriminator->forward(invert(), images), 1).backward();
  EXPECT_TRUE(has_gradient(*encoder));
  EXPECT_FALSE(has_gradient(*discriminator->model_k));
}

TEST_F(Steps, TwinFollowsAtEveryCallBetweenTheTwoEmbeddings) {
  const torch::NoGradGuard no_grad;
  discriminator->model_q->lin->bias.fill_(1);
  discriminator->model_k->lin->bias.fill_(0);
  discriminator->forward(images, images);
  EXPECT_NEAR(discriminator->model_k->lin->bias[0].item<float>(), 0.001, 1e-7);
  discriminator->forward(images, images);
  EXPECT_NEAR(discriminator->model_k->lin->bias[0].item<float>(), 0.001 * 0.999 + 0.001, 1e-7);
}

TEST_F(Steps, SingleFacesKeepTheirBatchAxis) {
  EXPECT_EQ(discriminator->forward(images.narrow(0, 0, 1), images.narrow(0, 0, 1)).sizes(), at::IntArrayRef({1, 1}));
}

TEST(BatchDeviation, HandCaseAndRefusal) {
  // Two groups of four: members g, g + 2, g + 4, g + 6. Group 0 holds 0, 2, 4, 6, deviation √5; group 1 is constant.
  auto x = torch::zeros({8, 1, 1, 1});
  for (int i = 0; i < 8; i += 2) x[i] = i;
  const auto out = append_batch_deviation(x);
  ASSERT_EQ(out.sizes(), at::IntArrayRef({8, 2, 1, 1}));
  EXPECT_NEAR(out[0][1].item<float>(), std::sqrt(5.f), 1e-5);
  EXPECT_NEAR(out[6][1].item<float>(), std::sqrt(5.f), 1e-5);
  EXPECT_NEAR(out[1][1].item<float>(), 1e-4, 1e-6);
  EXPECT_THROW(append_batch_deviation(torch::zeros({6, 1, 1, 1})), Error);
  EXPECT_NO_THROW(append_batch_deviation(torch::zeros({3, 1, 1, 1})));
}

TEST(State, MovesByName) {
  Generator a(sizes_of(Preset::small).generator), b(sizes_of(Preset::small).generator);
  nn::load_state(*b, nn::state_of(*a), "test");
  const torch::NoGradGuard no_grad;
  const auto codes = torch::randn({1, 10, 64});
  EXPECT_TRUE(a->forward(codes, {}, Noise::fixed).image.equal(b->forward(codes, {}, Noise::fixed).image));
}

}  // namespace
}  // namespace mien::methods::ifer
