// SPDX-License-Identifier: Apache-2.0
// Layers with an equalised learning rate: weights are drawn from N(0,1) and scaled when they are used (Karras et al.
// 2018, section 4.1), and the small layers around them in StyleGAN2. Keys are those of the published generators.
#pragma once

#include "mien/nn/torch.h"
#include "mien/nn/upfirdn2d.h"

namespace mien::methods::ifer {

enum class Activation { none, fused_leaky_relu };

struct EqualLinearOptions {
  std::int64_t in = 1, out = 1;
  double rate = 1;  ///< lr_mul: weights are stored divided by rate; weights and biases are multiplied by rate
  double bias = 0;  ///< initial value, before the factor
  Activation activation = Activation::none;
};

class EqualLinearImpl : public torch::nn::Module {
 public:
  explicit EqualLinearImpl(const EqualLinearOptions& options);
  /// (..., in) → (..., out); two axes with the activation
  at::Tensor forward(const at::Tensor& x);

  EqualLinearOptions options;
  at::Tensor weight, bias;
};
TORCH_MODULE(EqualLinear);

/// Without bias: it belongs to the activation.
class EqualConv2dImpl : public torch::nn::Module {
 public:
  EqualConv2dImpl(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride, std::int64_t padding);
  at::Tensor forward(const at::Tensor& x);

  at::Tensor weight;

 private:
  std::int64_t stride_, padding_;
  double scale_;
};
TORCH_MODULE(EqualConv2d);

/// √2 · leaky_relu(x + bias, 0.2); (N,C,...) with a bias for each channel.
class BiasedLeakyReluImpl : public torch::nn::Module {
 public:
  explicit BiasedLeakyReluImpl(std::int64_t channels);
  at::Tensor forward(const at::Tensor& x);

  at::Tensor bias;
};
TORCH_MODULE(BiasedLeakyRelu);

/// The FIR filter [1,3,3,1], kept as a buffer "kernel".
class FirImpl : public torch::nn::Module {
 public:
  FirImpl(double gain, const nn::Resampling& how);
  at::Tensor forward(const at::Tensor& x);

  at::Tensor kernel;

 private:
  nn::Resampling how_;
};
TORCH_MODULE(Fir);

/// x · rsqrt(mean_c x² + 1e-8); (N,C)
at::Tensor pixel_norm(const at::Tensor& x);

}  // namespace mien::methods::ifer
