// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/equalised.h"

#include <cmath>

#include "mien/nn/fused_leaky_relu.h"

namespace mien::methods::ifer {

EqualLinearImpl::EqualLinearImpl(const EqualLinearOptions& o) : options(o) {
  weight = register_parameter("weight", torch::randn({o.out, o.in}) / o.rate);
  bias = register_parameter("bias", torch::full({o.out}, o.bias));
}

at::Tensor EqualLinearImpl::forward(const at::Tensor& x) {
  const at::Tensor scaled = weight * (options.rate / std::sqrt(static_cast<double>(options.in)));
  const at::Tensor shift = options.rate == 1 ? bias : bias * options.rate;
  if (options.activation == Activation::none) return at::linear(x, scaled, shift);
  return nn::fused_leaky_relu(at::linear(x, scaled), shift);
}

EqualConv2dImpl::EqualConv2dImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                                 std::int64_t padding)
    : stride_(stride), padding_(padding), scale_(1 / std::sqrt(static_cast<double>(in * kernel * kernel))) {
  weight = register_parameter("weight", torch::randn({out, in, kernel, kernel}));
}

at::Tensor EqualConv2dImpl::forward(const at::Tensor& x) {
  return at::conv2d(x, weight * scale_, {}, stride_, padding_);
}

BiasedLeakyReluImpl::BiasedLeakyReluImpl(std::int64_t channels) {
  bias = register_parameter("bias", torch::zeros({channels}));
}

at::Tensor BiasedLeakyReluImpl::forward(const at::Tensor& x) { return nn::fused_leaky_relu(x, bias); }

FirImpl::FirImpl(double gain, const nn::Resampling& how) : how_(how) {
  kernel = register_buffer("kernel", nn::fir_kernel(gain));
}

at::Tensor FirImpl::forward(const at::Tensor& x) { return nn::upfirdn2d(x, kernel, how_); }

at::Tensor pixel_norm(const at::Tensor& x) { return x * at::rsqrt(x.square().mean(1, /*keepdim=*/true) + 1e-8); }

}  // namespace mien::methods::ifer
