// SPDX-License-Identifier: Apache-2.0
// Against the definition, written as loops, and against hand-worked values.
#include "mien/nn/upfirdn2d.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "support/gradients.h"

namespace mien::nn {
namespace {

/// The definition, sample by sample: out[o] = Σ_t z[o·down + t - pad_before] · kernel[taps - 1 - t], z upsampled.
at::Tensor plain(const at::Tensor& x, const at::Tensor& kernel, const Resampling& how) {
  const std::int64_t kh = kernel.size(0), kw = kernel.size(1), h = x.size(2), w = x.size(3);
  const auto length = [&](std::int64_t in, std::int64_t taps) {
    return (in * how.up + how.pad_before + how.pad_after - taps) / how.down + 1;
  };
  const auto at = [&](const at::Tensor& plane, std::int64_t row, std::int64_t column) {
    if (row < 0 || column < 0 || row % how.up != 0 || column % how.up != 0) return 0.0;
    if (row / how.up >= h || column / how.up >= w) return 0.0;
    return plane[row / how.up][column / how.up].item<double>();
  };
  at::Tensor out = torch::zeros({x.size(0), x.size(1), length(h, kh), length(w, kw)}, x.options());
  for (std::int64_t n = 0; n < x.size(0); ++n)
    for (std::int64_t c = 0; c < x.size(1); ++c)
      for (std::int64_t oy = 0; oy < out.size(2); ++oy)
        for (std::int64_t ox = 0; ox < out.size(3); ++ox) {
          double sum = 0;
          for (std::int64_t ty = 0; ty < kh; ++ty)
            for (std::int64_t tx = 0; tx < kw; ++tx)
              sum += at(x[n][c], oy * how.down + ty - how.pad_before, ox * how.down + tx - how.pad_before) *
                     kernel[kh - 1 - ty][kw - 1 - tx].item<double>();
          out[n][c][oy][ox] = sum;
        }
  return out;
}

struct Case {
  Resampling how;
  std::int64_t height, width, kernel_rows, kernel_columns;
};

std::vector<Case> cases() {
  return {{{1, 1, 1, 1}, 5, 7, 4, 4}, {{1, 1, 2, 1}, 4, 4, 3, 2},   {{2, 1, 2, 1}, 3, 5, 4, 4},
          {{1, 2, 1, 1}, 8, 7, 4, 4}, {{1, 2, 2, 2}, 5, 6, 4, 4},   {{2, 2, 3, 0}, 3, 4, 3, 5},
          {{3, 2, 1, 4}, 4, 3, 2, 5}, {{1, 1, -1, -2}, 7, 8, 3, 3}, {{2, 1, -1, 3}, 4, 5, 4, 2},
          {{1, 3, 0, 5}, 9, 7, 1, 2}, {{2, 1, 5, 5}, 2, 1, 3, 3}};
}

TEST(UpFirDn, EqualsItsDefinition) {
  torch::manual_seed(3);
  for (const auto& c : cases()) {
    const auto x = torch::randn({2, 3, c.height, c.width}, at::kDouble);
    const auto kernel = torch::randn({c.kernel_rows, c.kernel_columns}, at::kDouble);
    const auto got = upfirdn2d(x, kernel, c.how), expected = plain(x, kernel, c.how);
    ASSERT_EQ(got.sizes(), expected.sizes());
    EXPECT_LT((got - expected).abs().max().item<double>(), 1e-12)
        << "up " << c.how.up << ", down " << c.how.down << ", padding " << c.how.pad_before << " " << c.how.pad_after;
  }
}

/// The square makes the second derivative depend on x.
TEST(UpFirDn, HasTwoDerivatives) {
  torch::manual_seed(4);
  for (const auto& c : cases()) {
    const auto kernel = torch::randn({c.kernel_rows, c.kernel_columns}, at::kDouble);
    testing::expect_two_derivatives(
        [&](const std::vector<at::Tensor>& x) {
          return upfirdn2d(upfirdn2d(x[0], kernel, c.how).square(), kernel, {1, 1, 5, 5});
        },
        {torch::randn({1, 2, c.height, c.width}, at::kDouble)});
  }
}

TEST(UpFirDn, GivesTheSameInBothLayouts) {
  torch::manual_seed(5);
  const auto x = torch::randn({2, 8, 9, 7});
  for (const Resampling& how : {Resampling{2, 1, 2, 1}, Resampling{1, 2, 1, 1}, Resampling{1, 1, 2, 2}})
    EXPECT_LT(
        (upfirdn2d(x.contiguous(at::MemoryFormat::ChannelsLast), fir_kernel(), how) - upfirdn2d(x, fir_kernel(), how))
            .abs()
            .max()
            .item<float>(),
        1e-6);
}

TEST(UpFirDn, KernelThatDoesNotFitIsRefused) {
  EXPECT_THROW(upfirdn2d(torch::zeros({1, 1, 2, 2}), fir_kernel(), {1, 1, 0, 1}), Error);
}

// Card section 9: the upsampling of ToRGB and the downsampling of the discriminator's skip connection.
TEST(UpFirDn, HandCases) {
  const auto corner = torch::tensor({{{{1.0, 0.0}, {0.0, 0.0}}}}, at::kDouble);
  const auto up = upfirdn2d(corner, fir_kernel(4), {2, 1, 2, 1});
  EXPECT_TRUE(at::allclose(up[0][0], torch::tensor({{0.5625, 0.5625, 0.1875, 0.0},
                                                    {0.5625, 0.5625, 0.1875, 0.0},
                                                    {0.1875, 0.1875, 0.0625, 0.0},
                                                    {0.0, 0.0, 0.0, 0.0}},
                                                   at::kDouble)));
  const auto counting = torch::arange(16, at::kDouble).view({1, 1, 4, 4});
  EXPECT_TRUE(at::allclose(upfirdn2d(counting, fir_kernel(), {1, 2, 1, 1})[0][0],
                           torch::tensor({{2.734375, 3.9375}, {7.546875, 8.75}}, at::kDouble)));
}

}  // namespace
}  // namespace mien::nn
