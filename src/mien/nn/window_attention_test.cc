// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/window_attention.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/error.h"
#include "support/gradients.h"

namespace mien::nn {
namespace {

TEST(Windows, AreCutRowByRowAndJoinedAgain) {
  const auto x = torch::arange(2 * 4 * 6 * 3, at::kFloat).view({2, 4, 6, 3});
  const auto windows = split_windows(x, 2);
  ASSERT_EQ(windows.sizes(), at::IntArrayRef({12, 4, 3}));
  // Window 4 of the second picture: second row of windows, second column; its token 1 is the upper right cell.
  EXPECT_TRUE(windows[6 + 4][1].equal(x[1][2][3]));
  EXPECT_TRUE(windows[6 + 4][2].equal(x[1][3][2]));
  EXPECT_TRUE(join_windows(windows, 2, 4, 6).equal(x));
  EXPECT_THROW(split_windows(x, 4), Error);
}

TEST(RelativePositions, HandCase) {
  const auto index = relative_position_index(2);  // cells (0,0) (0,1) (1,0) (1,1), rows of the table 0..8
  EXPECT_TRUE(index.equal(torch::tensor({{4, 3, 1, 0}, {5, 4, 2, 1}, {7, 6, 4, 3}, {8, 7, 5, 4}}, at::kLong)));
  const auto table = torch::arange(18, at::kFloat).view({9, 2});
  const auto bias = relative_position_bias(table, index);
  ASSERT_EQ(bias.sizes(), at::IntArrayRef({2, 4, 4}));
  EXPECT_EQ(bias[1][3][0].item<float>(), 17);  // row 8, head 1
}

at::Tensor plain(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& bias) {
  const std::int64_t heads = q.size(1), tokens = q.size(2), d = q.size(3);
  at::Tensor out = torch::zeros({q.size(0), tokens, heads * d}, q.options());
  for (std::int64_t b = 0; b < q.size(0); ++b)
    for (std::int64_t h = 0; h < heads; ++h)
      for (std::int64_t i = 0; i < tokens; ++i) {
        std::vector<double> weights;
        double sum = 0;
        for (std::int64_t j = 0; j < tokens; ++j) {
          const double logit = (q[b][h][i] * k[b][h][j]).sum().item<double>() / std::sqrt(static_cast<double>(d));
          weights.push_back(std::exp(logit + bias[h][i][j].item<double>()));
          sum += weights.back();
        }
        for (std::int64_t j = 0; j < tokens; ++j)
          out[b][i].slice(0, h * d, (h + 1) * d) += v[b][h][j] * (weights[static_cast<std::size_t>(j)] / sum);
      }
  return out;
}

TEST(WindowAttention, EqualsItsDefinition) {
  torch::manual_seed(10);
  for (const auto& [windows, heads, w, d] : {std::tuple(3, 2, 2, 5), std::tuple(1, 1, 3, 7), std::tuple(2, 3, 1, 1)}) {
    const auto make = [&, n = windows, h = heads, t = w * w, e = d] { return torch::randn({n, h, t, e}, at::kDouble); };
    const auto q = make(), k = make(), v = make();
    const auto bias = torch::randn({heads, w * w, w * w}, at::kDouble);
    EXPECT_LT((window_attention(q, k, v, bias) - plain(q, k, v, bias)).abs().max().item<double>(), 1e-12);
  }
}

TEST(WindowAttention, HasTwoDerivatives) {
  torch::manual_seed(11);
  const auto index = relative_position_index(2);
  testing::expect_two_derivatives(
      [&](const std::vector<at::Tensor>& x) {
        const auto parts = split_windows(x[0], 2).chunk(3, -1);
        return window_attention(split_heads(parts[0], 2), split_heads(parts[1], 2), split_heads(parts[2], 2),
                                relative_position_bias(x[1], index));
      },
      {torch::randn({1, 2, 4, 12}, at::kDouble), torch::randn({9, 2}, at::kDouble)});
}

}  // namespace
}  // namespace mien::nn
