// SPDX-License-Identifier: Apache-2.0
// Modulated layers of the generator (card 2.0 and 2.2), with the keys of the published files.
#pragma once

#include "mien/methods/ifer/equalised.h"
#include "mien/nn/modulated_conv2d.h"

namespace mien::methods::ifer {

/// The source of the generator's noise: drawn for every picture, or the buffers of the network.
enum class Noise { fresh, fixed };

struct ModulatedConv2dOptions {
  std::int64_t in = 1, out = 1, kernel = 3, style = 1;
  bool demodulate = true, upsample = false;
};

class ModulatedConv2dImpl : public torch::nn::Module {
 public:
  explicit ModulatedConv2dImpl(const ModulatedConv2dOptions& options);
  /// x (N,in,H,W), code (N,style) → (N,out,H,W), twice the size with upsample
  at::Tensor forward(const at::Tensor& x, const at::Tensor& code);

  at::Tensor weight;  ///< (1,out,in,k,k)
  EqualLinear modulation{nullptr};
  Fir blur{nullptr};  ///< null without upsampling
  nn::Modulation form = nn::Modulation::scaled_maps;

 private:
  ModulatedConv2dOptions options_;
};
TORCH_MODULE(ModulatedConv2d);

class NoiseInjectionImpl : public torch::nn::Module {
 public:
  NoiseInjectionImpl() { weight = register_parameter("weight", torch::zeros({1})); }
  /// noise (N,1,H,W) or (1,1,H,W)
  at::Tensor forward(const at::Tensor& x, const at::Tensor& noise) { return x + weight * noise; }

  at::Tensor weight;
};
TORCH_MODULE(NoiseInjection);

class StyledConvImpl : public torch::nn::Module {
 public:
  StyledConvImpl(std::int64_t in, std::int64_t out, std::int64_t style, bool upsample);
  /// x (N,in,H,W), code (N,style), fixed (1,1,H,W) the noise of Noise::fixed, of the size of the result
  at::Tensor forward(const at::Tensor& x, const at::Tensor& code, Noise kind, const at::Tensor& fixed);

  ModulatedConv2d conv{nullptr};
  NoiseInjection noise{nullptr};
  BiasedLeakyRelu activate{nullptr};
};
TORCH_MODULE(StyledConv);

class ToRgbImpl : public torch::nn::Module {
 public:
  ToRgbImpl(std::int64_t in, std::int64_t style, bool upsample);
  /// x (N,in,H,W), code (N,style), skip (N,3,H/2,W/2) or undefined → (N,3,H,W)
  at::Tensor forward(const at::Tensor& x, const at::Tensor& code, const at::Tensor& skip);

  ModulatedConv2d conv{nullptr};
  at::Tensor bias;  ///< (1,3,1,1)
  Fir upsample{nullptr};
};
TORCH_MODULE(ToRgb);

}  // namespace mien::methods::ifer
