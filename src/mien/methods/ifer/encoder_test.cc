// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/encoder.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/methods/ifer/golden_fill.h"

namespace mien::methods::ifer {
namespace {

/// One channel of a map of one picture, rounded so that equal() can compare.
at::Tensor rounded(const at::Tensor& x) { return (x * 1e6).round() / 1e6; }

EncoderOptions small_options() {
  EncoderOptions options;
  options.sizes = sizes_of(Preset::small).encoder;
  options.drop_path = 0;
  return options;
}

/// Card section 9: map[c][p] = 10 c + p, two heads.
TEST(GlobalQuery, LayoutsOfTheHandCase) {
  const auto channel = 10 * torch::arange(4, at::kFloat).view({1, 4, 1, 1});
  const auto map = channel + torch::arange(4, at::kFloat).view({1, 1, 2, 2});
  const auto reference = lay_out_queries(map, 1, 2, GlobalQuery::reference);
  EXPECT_TRUE(reference[0][0].equal(torch::tensor({{0.f, 1.f}, {2.f, 3.f}, {10.f, 11.f}, {12.f, 13.f}})));
  EXPECT_TRUE(lay_out_queries(map, 1, 2, GlobalQuery::per_face).equal(reference));
  const auto corrected = lay_out_queries(map, 1, 2, GlobalQuery::corrected);
  EXPECT_TRUE(corrected[0][0].equal(torch::tensor({{0.f, 10.f}, {1.f, 11.f}, {2.f, 12.f}, {3.f, 13.f}})));
  EXPECT_TRUE(corrected[0][1].equal(torch::tensor({{20.f, 30.f}, {21.f, 31.f}, {22.f, 32.f}, {23.f, 33.f}})));
}

TEST(GlobalQuery, WindowsOfABatchGetThePictureThatTheLayoutSays) {
  const auto map = torch::arange(2, at::kFloat).view({2, 1, 1, 1}).expand({2, 2, 2, 2});
  const auto owner = [&](GlobalQuery layout) {
    return lay_out_queries(map, 3, 2, layout).select(1, 0).select(1, 0).select(1, 0);
  };
  EXPECT_TRUE(owner(GlobalQuery::reference).equal(torch::tensor({0.f, 1.f, 0.f, 1.f, 0.f, 1.f})));
  for (const auto layout : {GlobalQuery::per_face, GlobalQuery::corrected})
    EXPECT_TRUE(owner(layout).equal(torch::tensor({0.f, 0.f, 0.f, 1.f, 1.f, 1.f})));
}

TEST(SinePositions, HandCase) {
  const auto p = rounded(sine_positions(8, 2, 2)[0]);
  ASSERT_EQ(p.sizes(), at::IntArrayRef({8, 2, 2}));
  EXPECT_TRUE(at::allclose(p[0], torch::tensor({{0.841471f, 0.909297f}, {0.841471f, 0.909297f}})));
  EXPECT_TRUE(at::allclose(p[1], torch::tensor({{0.0001f, 0.0002f}, {0.0001f, 0.0002f}})));
  EXPECT_TRUE(at::allclose(p[2], torch::tensor({{0.540302f, -0.416147f}, {0.540302f, -0.416147f}})));
  EXPECT_TRUE(p[4].equal(p[0].t()));
}

TEST(StyleHead, HalvesByAttentionOrByConvolution) {
  const auto types = [](std::int64_t side, StyleHeadKind kind) {
    StyleHead head(StyleHeadOptions{16, side, 4, kind});
    std::string out;
    for (const auto& block : *head->blocks)
      out += block.ptr()->as<StyleBlock>() ? 'S' : block.ptr()->as<torch::nn::Conv2d>() ? 'c' : '.';
    EXPECT_EQ(head->forward(torch::randn({2, 16, side, side})).sizes(), at::IntArrayRef({2, 16}));
    return out;
  };
  EXPECT_EQ(types(8, StyleHeadKind::attention), "c.S.c.");
  EXPECT_EQ(types(32, StyleHeadKind::attention), "c.S.S.S.c.");
  EXPECT_EQ(types(8, StyleHeadKind::convolution), "c.c.c.");
}

/// Card 2.1: `corrected` and `per_face` give each face what a batch of one gives, `reference` does not.
TEST(Encoder, OnlyTheReferenceLayoutMixesTheFacesOfABatch) {
  torch::manual_seed(3);
  const torch::NoGradGuard no_grad;
  Encoder encoder(small_options());
  fill_golden(*encoder, "mix", "");
  encoder->eval();
  const auto images = torch::rand({3, 3, 64, 64}) * 2 - 1;
  const auto difference = [&](GlobalQuery batch, GlobalQuery single) {
    encoder->set_global_query(batch);
    const auto together = encoder->forward(images);
    encoder->set_global_query(single);
    std::vector<at::Tensor> codes, structures;
    for (int i = 0; i < 3; ++i) {
      const auto one = encoder->forward(images.narrow(0, i, 1));
      codes.push_back(one.codes);
      structures.push_back(one.structure);
    }
    const auto error = [](const at::Tensor& a, const at::Tensor& b) { return (a - b).norm() / b.norm(); };
    return std::max(error(together.codes, at::cat(codes)).item<double>(),
                    error(together.structure, at::cat(structures)).item<double>());
  };
  EXPECT_LT(difference(GlobalQuery::corrected, GlobalQuery::corrected), 1e-5);
  EXPECT_LT(difference(GlobalQuery::per_face, GlobalQuery::reference), 1e-5);
  EXPECT_GT(difference(GlobalQuery::reference, GlobalQuery::reference), 1e-3);
}

TEST(Encoder, DropPathRisesOverTheBlocksAndRestsInInference) {
  torch::manual_seed(4);
  const torch::NoGradGuard no_grad;
  EncoderOptions options = small_options();
  options.drop_path = 0.9;
  options.layer_scale = 1;
  Encoder encoder(options);
  const auto images = torch::randn({4, 3, 64, 64});
  encoder->eval();
  EXPECT_TRUE(encoder->forward(images).codes.equal(encoder->forward(images).codes));
  encoder->train();
  EXPECT_FALSE(encoder->forward(images).codes.equal(encoder->forward(images).codes));
}

TEST(Encoder, RefusesAnotherSize) {
  Encoder encoder(small_options());
  EXPECT_THROW(encoder->forward(torch::zeros({1, 3, 48, 48})), Error);
  EXPECT_THROW(encoder->forward(torch::zeros({1, 1, 64, 64})), Error);
}

}  // namespace
}  // namespace mien::methods::ifer
