// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/generator.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/methods/ifer/golden_fill.h"

namespace mien::methods::ifer {
namespace {

TEST(PixelNorm, HandCase) {
  EXPECT_TRUE(at::allclose(pixel_norm(torch::tensor({{3.0, 4.0}}, at::kDouble)),
                           torch::tensor({{0.848528, 1.131371}}, at::kDouble), 0, 1e-6));
}

TEST(EqualLinear, HandCase) {
  EqualLinear layer(EqualLinearOptions{2, 1, 0.01, 0, Activation::fused_leaky_relu});
  const torch::NoGradGuard no_grad;
  layer->weight.copy_(torch::tensor({{100.f, 50.f}}));
  layer->bias.fill_(10);
  EXPECT_NEAR(layer->forward(torch::tensor({{1.f, -2.f}})).item<float>(), 0.141421, 1e-6);
  EXPECT_NEAR(layer->forward(torch::tensor({{1.f, 1.f}})).item<float>(), 1.641421, 1e-6);
}

class SmallGenerator : public ::testing::Test {
 protected:
  SmallGenerator() {
    torch::manual_seed(5);
    fill_golden(*generator, "generator", "");
    codes = repeat_code(generator->map(torch::randn({2, 64})), 10);
  }

  torch::NoGradGuard no_grad;
  Generator generator{sizes_of(Preset::small).generator};
  at::Tensor codes;
};

TEST_F(SmallGenerator, GivesTheSamePictureInBothForms) {
  const auto scaled = generator->forward(codes, {}, Noise::fixed).image;
  generator->set_form(nn::Modulation::weights_per_picture);
  const auto grouped = generator->forward(codes, {}, Noise::fixed).image;
  EXPECT_LT(((scaled - grouped).norm() / grouped.norm()).item<double>(), 1e-5);
}

TEST_F(SmallGenerator, LearnedConstantAsStructureChangesNothing) {
  const auto plain = generator->forward(codes, {}, Noise::fixed);
  const auto constant = generator->constant.expand({2, -1, -1, -1}).contiguous();
  EXPECT_TRUE(plain.image.equal(generator->forward(codes, constant, Noise::fixed).image));
  EXPECT_FALSE(plain.image.equal(generator->forward(codes, constant * 2, Noise::fixed).image));
  ASSERT_EQ(plain.features.size(), 3u);
  EXPECT_EQ(plain.features[0].sizes(), at::IntArrayRef({2, 16, 64, 64}));
  EXPECT_EQ(plain.features[2].sizes(), at::IntArrayRef({2, 64, 16, 16}));
}

TEST_F(SmallGenerator, FreshNoiseIsDrawnForEveryPicture) {
  const auto twice = repeat_code(codes.select(1, 0).narrow(0, 0, 1).expand({2, 64}), 10);
  const auto fixed = generator->forward(twice, {}, Noise::fixed).image;
  EXPECT_TRUE(at::allclose(fixed[0], fixed[1]));
  const auto fresh = generator->forward(twice, {}, Noise::fresh).image;
  EXPECT_FALSE(at::allclose(fresh[0], fresh[1]));
}

TEST_F(SmallGenerator, MixesAndTruncatesCodes) {
  const auto other = codes + 1;
  const auto mixed = mix_codes(codes, other, 4);
  EXPECT_TRUE(mixed.narrow(1, 0, 4).equal(codes.narrow(1, 0, 4)));
  EXPECT_TRUE(mixed.narrow(1, 4, 6).equal(other.narrow(1, 4, 6)));
  const auto centre = torch::zeros({64});
  EXPECT_TRUE(truncate(codes, centre, 0).equal(torch::zeros_like(codes)));
  EXPECT_TRUE(at::allclose(truncate(codes, centre, 0.5), codes / 2));
  EXPECT_EQ(mean_code(generator, 5000).sizes(), at::IntArrayRef({64}));
  EXPECT_THROW(generator->forward(codes.narrow(1, 0, 9), {}, Noise::fixed), Error);
}

}  // namespace
}  // namespace mien::methods::ifer
