// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/plain_taps.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/methods/ifer/config.h"
#include "mien/methods/ifer/perceptual.h"
#include "support/errors.h"
#include "support/method_case.h"
#include "support/temp_dir.h"

namespace mien::methods::ifer {

testing::MethodCase method_case();

namespace {

class Plain : public ::testing::Test {
 protected:
  Plain() {
    torch::manual_seed(3);
    nn::init_he_fan_out(*taps_);
    nn::NamedTensors run;
    for (const auto& [key, value] : nn::state_of(*taps_)) run.emplace_back(key, value);
    run.emplace_back("fc.weight", torch::zeros({8, 128}));
    path_ = (dir_ / "best.safetensors").string();
    nn::write_safetensors(path_, run, {});
  }

  torch::NoGradGuard no_grad_;
  testing::TempDir dir_;
  PlainTaps taps_{nn::ResNet18Options{1, 16}};
  std::string path_;
};

TEST(UnitLength, HandCase) {
  const auto x = torch::tensor({3.f, 4.f, 0.f, 0.f}).view({1, 2, 1, 2}).permute({0, 3, 1, 2}).contiguous();
  const auto unit = unit_length(x);
  EXPECT_NEAR(unit[0][0][0][0].item<float>(), 0.6, 1e-6);
  EXPECT_NEAR(unit[0][1][0][0].item<float>(), 0.8, 1e-6);
  EXPECT_EQ(unit[0][1][1][0].item<float>(), 0);
}

TEST_F(Plain, TapsAreThoseOfTheFourStages) {
  const auto maps = taps_->forward(torch::randn({2, 3, 64, 64}));
  ASSERT_EQ(maps.size(), 4u);
  EXPECT_EQ(maps[0].sizes(), at::IntArrayRef({2, 16, 16, 16}));
  EXPECT_EQ(maps[3].sizes(), at::IntArrayRef({2, 128, 2, 2}));
  EXPECT_TRUE(at::allclose(maps[2].square().sum(1), torch::ones({2, 4, 4}), 0, 1e-4));
}

/// By the definition, one tap and one position at a time.
TEST_F(Plain, DistanceEqualsItsDefinition) {
  const auto x = torch::randn({2, 3, 64, 64}), y = torch::randn({2, 3, 64, 64});
  const auto a = taps_->forward(x), b = taps_->forward(y);
  double expected = 0;
  for (std::size_t tap = 0; tap < 4; ++tap) {
    const auto squares = (a[tap] - b[tap]).square();
    const double places = static_cast<double>(squares.size(0) * squares.size(2) * squares.size(3));
    expected += squares.sum().item<double>() / places;
  }
  EXPECT_NEAR(taps_->distance(x, y).item<double>(), expected, 1e-5);
  EXPECT_GT(expected, 0.01);
  EXPECT_EQ(taps_->distance(x, x).item<float>(), 0);
}

TEST_F(Plain, GreyNetworkSeesTheMeanOfTheChannels) {
  const auto grey = torch::randn({1, 1, 64, 64});
  const auto colour = grey.expand({1, 3, 64, 64}) + torch::tensor({-1.f, 0.f, 1.f}).view({1, 3, 1, 1});
  EXPECT_LT(taps_->distance(grey.expand({1, 3, 64, 64}), colour).item<float>(), 1e-6);
}

TEST_F(Plain, TheCheckpointOfARunIsReadWithItsWidth) {
  auto loaded = load_plain_taps(path_);
  const auto x = torch::randn({1, 3, 64, 64}), y = torch::randn({1, 3, 64, 64});
  EXPECT_EQ(loaded->distance(x, y).item<float>(), taps_->distance(x, y).item<float>());
  nn::write_safetensors(dir_ / "other.safetensors", {{"fc.weight", torch::zeros({8, 128})}}, {});
  const Error none = testing::error_of([&] { load_plain_taps((dir_ / "other.safetensors").string()); });
  EXPECT_EQ(none.kind(), ErrorKind::bad_input);
  EXPECT_THAT(none.message(), ::testing::HasSubstr("init.features"));
  nn::write_safetensors(dir_ / "cut.safetensors", {{"features.0.weight", torch::zeros({16, 1, 7, 7})}}, {});
  EXPECT_THAT(testing::error_of([&] { load_plain_taps((dir_ / "cut.safetensors").string()); }).message(),
              ::testing::HasSubstr("init.features"));
}

/// The stage "inversion" measures it but does not train with it; no checkpoint contains the network.
TEST_F(Plain, IsAFigureOfTheInversion) {
  const auto plain = testing::build(*make_config(), method_case());
  const auto method = testing::build(*make_config(), method_case(), {fmt::format("init.features={}", path_)});
  const auto stage = method->stages().at(1);
  const auto batch = testing::batch_for(stage, method_case());
  const auto terms = stage.validate(batch), terms_without = plain->stages().at(1).validate(batch);
  ASSERT_EQ(terms.size(), terms_without.size() + 1);
  EXPECT_EQ(terms.back().name, "plain_features");
  EXPECT_GT(terms.back().value.item<float>(), 0);
  EXPECT_EQ(method::total(terms).item<float>(), method::total(terms_without).item<float>());
  EXPECT_EQ(nn::state_of(method->network()).size(), nn::state_of(plain->network()).size());
  EXPECT_EQ(method->extra_state().size(), plain->extra_state().size());
  EXPECT_FALSE(method->fixed_state().empty());
}

}  // namespace
}  // namespace mien::methods::ifer
