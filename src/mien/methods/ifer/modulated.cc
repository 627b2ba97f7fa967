// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/modulated.h"

#include <cmath>

namespace mien::methods::ifer {

ModulatedConv2dImpl::ModulatedConv2dImpl(const ModulatedConv2dOptions& o) : options_(o) {
  weight = register_parameter("weight", torch::randn({1, o.out, o.in, o.kernel, o.kernel}));
  modulation = register_module("modulation", EqualLinear(EqualLinearOptions{o.style, o.in, 1, 1}));
  if (o.upsample) blur = register_module("blur", Fir(4, nn::Resampling{1, 1, 1, 1}));
}

at::Tensor ModulatedConv2dImpl::forward(const at::Tensor& x, const at::Tensor& code) {
  const double scale = 1 / std::sqrt(static_cast<double>(options_.in * options_.kernel * options_.kernel));
  const at::Tensor y = nn::modulated_conv2d(x, weight.squeeze(0) * scale, modulation->forward(code),
                                            {options_.demodulate, options_.upsample, form});
  return blur.is_empty() ? y : blur->forward(y);
}

StyledConvImpl::StyledConvImpl(std::int64_t in, std::int64_t out, std::int64_t style, bool upsample) {
  conv = register_module("conv", ModulatedConv2d(ModulatedConv2dOptions{in, out, 3, style, true, upsample}));
  noise = register_module("noise", NoiseInjection());
  activate = register_module("activate", BiasedLeakyRelu(out));
}

at::Tensor StyledConvImpl::forward(const at::Tensor& x, const at::Tensor& code, Noise kind, const at::Tensor& fixed) {
  const at::Tensor y = conv->forward(x, code);
  const at::Tensor grain =
      kind == Noise::fixed ? fixed : torch::randn({y.size(0), 1, y.size(2), y.size(3)}, y.options());
  return activate->forward(noise->forward(y, grain));
}

ToRgbImpl::ToRgbImpl(std::int64_t in, std::int64_t style, bool upsamples) {
  bias = register_parameter("bias", torch::zeros({1, 3, 1, 1}));
  if (upsamples) upsample = register_module("upsample", Fir(4, nn::Resampling{2, 1, 2, 1}));
  conv = register_module("conv", ModulatedConv2d(ModulatedConv2dOptions{in, 3, 1, style, false, false}));
}

at::Tensor ToRgbImpl::forward(const at::Tensor& x, const at::Tensor& code, const at::Tensor& skip) {
  const at::Tensor rgb = conv->forward(x, code) + bias;
  return skip.defined() ? rgb + upsample->forward(skip) : rgb;
}

}  // namespace mien::methods::ifer
