// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/modulated_conv2d.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/error.h"
#include "mien/nn/fused_leaky_relu.h"
#include "mien/nn/upfirdn2d.h"
#include "support/gradients.h"

namespace mien::nn {
namespace {

/// One picture, one output channel and one position at a time.
at::Tensor plain(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& style,
                 const ModulatedConvOptions& o) {
  const std::int64_t n = x.size(0), in = weight.size(1), outs = weight.size(0), k = weight.size(2);
  const std::int64_t h = x.size(2), w = x.size(3), stride = o.upsample ? 2 : 1;
  const std::int64_t height = o.upsample ? 2 * h + k - 2 : h, width = o.upsample ? 2 * w + k - 2 : w;
  at::Tensor out = torch::zeros({n, outs, height, width}, x.options());
  auto result = out.accessor<double, 4>();
  const auto picture = x.accessor<double, 4>(), kernel = weight.accessor<double, 4>();
  const auto s = style.accessor<double, 2>();
  for (std::int64_t b = 0; b < n; ++b)
    for (std::int64_t c = 0; c < outs; ++c) {
      double power = 1e-8;
      for (std::int64_t i = 0; i < in; ++i)
        for (std::int64_t t = 0; t < k * k; ++t) power += std::pow(kernel[c][i][t / k][t % k] * s[b][i], 2);
      const double factor = o.demodulate ? 1 / std::sqrt(power) : 1;
      for (std::int64_t i = 0; i < in; ++i)
        for (std::int64_t y = 0; y < h; ++y)
          for (std::int64_t z = 0; z < w; ++z)
            for (std::int64_t t = 0; t < k * k; ++t) {
              // Each input is spread over its outputs: with the kernel unchanged, or flipped around its centre.
              const std::int64_t row = o.upsample ? stride * y + t / k : y + k / 2 - t / k;
              const std::int64_t column = o.upsample ? stride * z + t % k : z + k / 2 - t % k;
              if (row < 0 || column < 0 || row >= height || column >= width) continue;
              result[b][c][row][column] += factor * kernel[c][i][t / k][t % k] * s[b][i] * picture[b][i][y][z];
            }
    }
  return out;
}

std::vector<ModulatedConvOptions> all_options() {
  std::vector<ModulatedConvOptions> out;
  for (const auto form : {Modulation::scaled_maps, Modulation::weights_per_picture})
    for (const bool demodulate : {true, false})
      for (const bool upsample : {true, false}) out.push_back({demodulate, upsample, form});
  return out;
}

TEST(ModulatedConv, EqualsItsDefinition) {
  torch::manual_seed(6);
  for (const auto& options : all_options())
    for (const std::int64_t k : {1, 3})
      for (const auto& [h, w] : {std::pair(1, 1), std::pair(5, 3)}) {
        const auto x = torch::randn({3, 5, h, w}, at::kDouble), weight = torch::randn({2, 5, k, k}, at::kDouble);
        const auto style = torch::randn({3, 5}, at::kDouble);
        const auto got = modulated_conv2d(x, weight, style, options), expected = plain(x, weight, style, options);
        ASSERT_EQ(got.sizes(), expected.sizes());
        EXPECT_LT((got - expected).abs().max().item<double>(), 1e-12);
      }
}

TEST(ModulatedConv, HasTwoDerivatives) {
  torch::manual_seed(7);
  for (const auto& options : all_options())
    testing::expect_two_derivatives(
        [&](const std::vector<at::Tensor>& x) { return modulated_conv2d(x[0], x[1], x[2], options); },
        {torch::randn({2, 3, 4, 3}, at::kDouble), torch::randn({2, 3, 3, 3}, at::kDouble),
         torch::randn({2, 3}, at::kDouble)});
}

// Card section 9.
TEST(ModulatedConv, HandCases) {
  for (const auto form : {Modulation::scaled_maps, Modulation::weights_per_picture}) {
    const auto x = torch::tensor({3.0, -1.0}, at::kDouble).view({1, 2, 1, 1});
    const auto weight = torch::tensor({1.0, 2.0}, at::kDouble).view({1, 2, 1, 1}) / std::sqrt(2.0);
    const auto style = torch::tensor({{0.5, 2.0}}, at::kDouble);
    EXPECT_NEAR(modulated_conv2d(x, weight, style, {false, false, form}).item<double>(), -1.767767, 1e-6);
    EXPECT_NEAR(modulated_conv2d(x, weight, style, {true, false, form}).item<double>(), -0.620174, 1e-6);

    const auto corner = torch::tensor({{{{1.0, 0.0}, {0.0, 0.0}}}}, at::kDouble);
    const auto ones = torch::ones({1, 1, 3, 3}, at::kDouble) / 3;
    const auto raised = modulated_conv2d(corner, ones, torch::ones({1, 1}, at::kDouble), {false, true, form});
    const auto up = upfirdn2d(raised, fir_kernel(4), {1, 1, 1, 1});
    ASSERT_EQ(up.sizes(), at::IntArrayRef({1, 1, 4, 4}));
    EXPECT_TRUE(
        at::allclose(up[0][0][0], torch::tensor({1.020833, 1.020833, 0.583333, 0.145833}, at::kDouble), 0, 1e-6));
  }
}

TEST(ModulatedConv, StyleOfAnotherSizeIsRefused) {
  EXPECT_THROW(modulated_conv2d(torch::zeros({2, 3, 4, 4}), torch::zeros({1, 3, 1, 1}), torch::zeros({1, 3}), {}),
               Error);
}

TEST(FusedLeakyRelu, HandCasesAndShapes) {
  const auto y = fused_leaky_relu(torch::tensor({{-1.0f, 1.0f}}), torch::zeros({2}));
  EXPECT_NEAR(y[0][0].item<float>(), -0.282843, 1e-6);
  EXPECT_NEAR(y[0][1].item<float>(), 1.414214, 1e-6);
  torch::manual_seed(8);
  for (const auto& shape : {std::vector<std::int64_t>{3, 2}, {2, 5, 7}, {1, 3, 2, 5}}) {
    const auto x = torch::randn(shape, at::kDouble), bias = torch::randn({shape[1]}, at::kDouble);
    const auto got = fused_leaky_relu(x, bias).flatten(), in = x.flatten();
    const std::int64_t inner = x[0][0].numel();
    for (std::int64_t i = 0; i < in.numel(); ++i) {
      const double sum = in[i].item<double>() + bias[i / inner % shape[1]].item<double>();
      EXPECT_NEAR(got[i].item<double>(), std::sqrt(2.0) * (sum < 0 ? 0.2 * sum : sum), 1e-12);
    }
  }
}

TEST(FusedLeakyRelu, HasTwoDerivatives) {
  torch::manual_seed(9);
  testing::expect_two_derivatives(
      [](const std::vector<at::Tensor>& x) { return fused_leaky_relu(x[0].square(), x[1]); },
      {torch::randn({2, 3, 5}, at::kDouble), torch::randn({3}, at::kDouble)});
  testing::expect_two_derivatives(
      [](const std::vector<at::Tensor>& x) { return fused_leaky_relu(x[0], x[1]).square(); },
      {torch::randn({4, 3}, at::kDouble), torch::randn({3}, at::kDouble)});
}

}  // namespace
}  // namespace mien::nn
