// SPDX-License-Identifier: Apache-2.0
// Hand-worked cases of the card, section 9.
#include "mien/methods/ifer/loss.h"

#include <gtest/gtest.h>

#include "mien/methods/ifer/alignment.h"
#include "mien/methods/ifer/perceptual.h"

namespace mien::methods::ifer {
namespace {

TEST(ScoreLoss, HandCase) {
  const auto real = torch::full({1, 1}, 0.9), fake = torch::full({1, 1}, 0.2);
  EXPECT_NEAR((score_loss(real, 1) + score_loss(fake, -1)).item<float>(), 1.45, 1e-6);
  EXPECT_NEAR(score_loss(fake, 1).item<float>(), 0.64, 1e-6);
}

TEST(CodeNorm, HandCase) {
  const auto codes = torch::tensor({3.f, 4.f, 0.f, 12.f}).view({1, 2, 2});
  EXPECT_NEAR(code_norm(codes, torch::zeros({2})).item<float>(), 13, 1e-5);
  EXPECT_NEAR(code_norm(codes.repeat({2, 1, 1}), torch::zeros({2})).item<float>(), 13, 1e-5);
}

TEST(Alignment, ReferenceHandCase) {
  const std::vector<at::Tensor> source{torch::tensor({{1.f, 0.f}, {0.6f, 0.8f}})};
  const std::vector<at::Tensor> target{torch::tensor({{1.f, 0.f}, {0.f, 1.f}})};
  const AlignmentDraw draw{{0, 0, 0}, {0, 0, 1}};
  const auto rows = alignment_rows(Alignment::reference, source, target, draw);
  EXPECT_TRUE(at::allclose(rows.source, torch::tensor({{0.645656f, 0.354344f}, {0.645656f, 0.354344f}, {0.5f, 0.5f}}),
                           0, 1e-6));
  EXPECT_TRUE(at::allclose(rows.target, torch::full({3, 2}, 0.5f)));
  EXPECT_NEAR(alignment_loss(Alignment::reference, source, target, draw).item<float>(), 0.014351, 1e-6);
  EXPECT_EQ(alignment_loss(Alignment::reference, source, target, {{0, 0, 0}, {1, 1, 1}}).item<float>(), 0);
}

TEST(Alignment, PairwiseAndAllHandCases) {
  const std::vector<at::Tensor> source{torch::tensor({{1.f, 0.f}, {0.6f, 0.8f}, {0.f, 1.f}})};
  const std::vector<at::Tensor> target{torch::tensor({{1.f, 0.f}, {0.f, 1.f}, {-1.f, 0.f}})};
  const AlignmentDraw draw{{0, 0, 0}, {}};
  EXPECT_NEAR(alignment_loss(Alignment::pairwise, source, target, draw).item<float>(), 0.004442, 1e-6);
  EXPECT_NEAR(alignment_loss(Alignment::all, source, target, draw).item<float>(), 0.008884, 1e-6);
}

TEST(Alignment, DrawsFitTheBatchAndSourcesGetNoGradient) {
  EXPECT_EQ(draw_alignment(Alignment::pairwise, 20, 3).layers.size(), 8u);
  EXPECT_EQ(draw_alignment(Alignment::all, 4, 3).layers.size(), 4u);
  const auto draw = draw_alignment(Alignment::reference, 1, 3);
  for (const auto picture : draw.pictures) EXPECT_EQ(picture, 0);
  auto source = torch::randn({3, 4}).requires_grad_(), target = torch::randn({3, 4}).requires_grad_();
  alignment_loss(Alignment::all, {source}, {target}, {{0, 0, 0}, {}}).backward();
  EXPECT_FALSE(source.grad().defined());
  EXPECT_TRUE(target.grad().defined());
  EXPECT_EQ(
      alignment_loss(Alignment::pairwise, {source.narrow(0, 0, 1)}, {target.narrow(0, 0, 1)}, {{0}, {}}).item<float>(),
      0);
}

// images = 2·codes: the Jacobian of Σ image·noise is 2·noise, of lengths √ mean over the codes of Σ_c.
TEST(PathLengths, HandCase) {
  auto codes = torch::ones({1, 2, 2}).requires_grad_();
  const auto noise = torch::tensor({3.f, 4.f, 0.f, 0.f}).view({1, 2, 2});
  const auto path = path_lengths(codes * 2, codes, noise, torch::zeros({}));
  EXPECT_NEAR(path.lengths.item<float>(), std::sqrt(50.f), 1e-5);
  EXPECT_NEAR(path.mean.item<float>(), 0.01 * std::sqrt(50.f), 1e-6);
  EXPECT_NEAR(path.loss.item<float>(), 0.99 * 0.99 * 50, 1e-3);
}

// score = Σ x²: gradient 2x.
TEST(GradientPenalty, HandCase) {
  auto x = torch::tensor({{1.f, 2.f}, {0.f, 3.f}}).requires_grad_();
  const auto penalty = gradient_penalty(x.square().sum(1), x);
  EXPECT_NEAR(penalty.item<float>(), (4 * 5 + 4 * 9) / 2.0, 1e-5);
  penalty.backward();
  EXPECT_TRUE(at::allclose(x.grad(), 4 * x.detach()));
}

TEST(Smoothed, HandCase) {
  EXPECT_TRUE(at::allclose(smoothed(torch::tensor({{1.f, 0.f}, {0.25f, 0.75f}}), 0.1),
                           torch::tensor({{0.95f, 0.05f}, {0.275f, 0.725f}})));
}

TEST(Lpips, GradientIsFiniteWhereATapIsZeroEverywhere) {
  Lpips lpips;
  const torch::NoGradGuard no_grad;
  for (auto& p : lpips->net->parameters()) p.zero_();
  const torch::AutoGradMode with_gradient(true);
  auto x = torch::randn({1, 3, 64, 64}).requires_grad_();
  lpips->forward(x, torch::zeros({1, 3, 64, 64})).backward();
  EXPECT_TRUE(at::isfinite(x.grad()).all().item<bool>());
}

}  // namespace
}  // namespace mien::methods::ifer
