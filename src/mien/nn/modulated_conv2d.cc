// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/modulated_conv2d.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/nn/shape_text.h"

namespace mien::nn {
namespace {

constexpr double kEps = 1e-8;

at::Tensor convolve(const at::Tensor& x, const at::Tensor& weight, bool upsample) {
  if (upsample) return at::conv_transpose2d(x, weight.transpose(0, 1), {}, 2);
  return at::conv2d(x, weight, {}, 1, weight.size(-1) / 2);
}

at::Tensor with_scaled_maps(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& style,
                            const ModulatedConvOptions& o) {
  const at::Tensor y = convolve(x * style.unsqueeze(-1).unsqueeze(-1), weight, o.upsample);
  if (!o.demodulate) return y;
  const at::Tensor power = weight.square().sum({2, 3});  // (out,in)
  return y * at::rsqrt(style.square().matmul(power.t()) + kEps).unsqueeze(-1).unsqueeze(-1);
}

at::Tensor with_weights_per_picture(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& style,
                                    const ModulatedConvOptions& o) {
  const std::int64_t n = x.size(0), in = weight.size(1), out = weight.size(0), k = weight.size(2);
  at::Tensor w = weight.unsqueeze(0) * style.view({n, 1, in, 1, 1});
  if (o.demodulate) w = w * at::rsqrt(w.square().sum({2, 3, 4}, /*keepdim=*/true) + kEps);
  const at::Tensor joined = x.reshape({1, n * in, x.size(2), x.size(3)});
  const at::Tensor y =
      o.upsample ? at::conv_transpose2d(joined, w.transpose(1, 2).reshape({n * in, out, k, k}), {}, 2, 0, 0, n)
                 : at::conv2d(joined, w.reshape({n * out, in, k, k}), {}, 1, k / 2, 1, n);
  return y.view({n, out, y.size(2), y.size(3)});
}

}  // namespace

at::Tensor modulated_conv2d(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& style,
                            const ModulatedConvOptions& options) {
  if (style.dim() != 2 || style.size(0) != x.size(0) || style.size(1) != weight.size(1))
    throw Error(ErrorKind::failed, fmt::format("A style of shape {} for {} pictures of {} channels.",
                                               shape_text(style.sizes()), x.size(0), weight.size(1)));
  switch (options.form) {
    case Modulation::scaled_maps:
      return with_scaled_maps(x, weight, style, options);
    case Modulation::weights_per_picture:
      return with_weights_per_picture(x, weight, style, options);
  }
  return {};
}

}  // namespace mien::nn
