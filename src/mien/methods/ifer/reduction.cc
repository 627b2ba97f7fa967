// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/reduction.h"

#include <cmath>

namespace mien::methods::ifer {

ChannelGateImpl::ChannelGateImpl(std::int64_t d) {
  const auto layer = [](std::int64_t in, std::int64_t out) {
    return torch::nn::Linear(torch::nn::LinearOptions(in, out).bias(false));
  };
  fc = register_module(
      "fc", torch::nn::Sequential(layer(d, d / 4), torch::nn::GELU(), layer(d / 4, d), torch::nn::Sigmoid()));
}

at::Tensor ChannelGateImpl::forward(const at::Tensor& x) {
  return x * fc->forward(x.mean({2, 3})).unsqueeze(-1).unsqueeze(-1);
}

torch::nn::Sequential depthwise_block(std::int64_t d) {
  return torch::nn::Sequential(torch::nn::Conv2d(torch::nn::Conv2dOptions(d, d, 3).padding(1).groups(d).bias(false)),
                               torch::nn::GELU(), ChannelGate(d),
                               torch::nn::Conv2d(torch::nn::Conv2dOptions(d, d, 1).bias(false)));
}

at::Tensor sine_positions(std::int64_t channels, std::int64_t height, std::int64_t width) {
  const std::int64_t half = channels / 4;
  const auto steps = static_cast<double>(std::max<std::int64_t>(half - 1, 1));
  const at::Tensor frequency = at::exp(at::arange(half, at::kFloat) * (-std::log(1e4) / steps));
  const auto encoding = [&](std::int64_t size) {  // (size, channels / 2)
    const at::Tensor angle = at::arange(1, size + 1, at::kFloat).unsqueeze(1) * frequency;
    return at::cat({at::sin(angle), at::cos(angle)}, 1);
  };
  const std::vector<std::int64_t> shape{height, width, channels / 2};
  const at::Tensor columns = encoding(width).unsqueeze(0).expand(shape);
  const at::Tensor rows = encoding(height).unsqueeze(1).expand(shape);
  return at::cat({columns, rows}, 2).permute({2, 0, 1}).unsqueeze(0).contiguous();
}

ReduceSizeImpl::ReduceSizeImpl(std::int64_t in, std::int64_t out) {
  norm1 = register_module("norm1", torch::nn::LayerNorm(torch::nn::LayerNormOptions({in})));
  norm2 = register_module("norm2", torch::nn::LayerNorm(torch::nn::LayerNormOptions({out})));
  conv = register_module("conv", depthwise_block(in));
  reduction = register_module("reduction",
                              torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 3).stride(2).padding(1).bias(false)));
  sin_pos_embed = register_module("sin_pos_embed", SinePositions());
  alpha = register_parameter("alpha", torch::zeros({1}));
}

at::Tensor ReduceSizeImpl::forward(const at::Tensor& in) {
  const at::Tensor x = to_nchw(norm1->forward(in));
  const at::Tensor y = norm2->forward(to_nhwc(reduction->forward(x + conv->forward(x))));
  const std::int64_t height = y.size(1), width = y.size(2);
  if (!positions_.defined() || positions_.size(1) != height || positions_.size(2) != width ||
      positions_.device() != y.device())
    positions_ = to_nhwc(sine_positions(y.size(3), height, width)).contiguous().to(y.device());
  return y + alpha * positions_;
}

FeatureExtractionImpl::FeatureExtractionImpl(std::int64_t d, bool keep) : keep_(keep) {
  conv = register_module("conv", depthwise_block(d));
}

at::Tensor FeatureExtractionImpl::forward(const at::Tensor& x) {
  const at::Tensor y = x + conv->forward(x);
  return keep_ ? y : at::max_pool2d(y, 3, 2, 1);
}

}  // namespace mien::methods::ifer
