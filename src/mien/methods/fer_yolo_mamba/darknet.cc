// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fer_yolo_mamba/darknet.h"

namespace mien::methods::fer_yolo_mamba {

ConvBlockImpl::ConvBlockImpl(const ConvOptions& o) {
  conv = register_module(
      "conv",
      torch::nn::Conv2d(
          torch::nn::Conv2dOptions(o.in, o.out, o.kernel).stride(o.stride).padding((o.kernel - 1) / 2).bias(false)));
  bn = register_module("bn", torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(o.out).eps(1e-3).momentum(0.03)));
}

at::Tensor ConvBlockImpl::forward(const at::Tensor& x) { return at::silu(bn->forward(conv->forward(x))); }

BottleneckImpl::BottleneckImpl(std::int64_t channels, bool shortcut) : shortcut_(shortcut) {
  conv1 = register_module("conv1", ConvBlock(ConvOptions{channels, channels}));
  conv2 = register_module("conv2", ConvBlock(ConvOptions{channels, channels, 3}));
}

at::Tensor BottleneckImpl::forward(const at::Tensor& x) {
  const at::Tensor y = conv2->forward(conv1->forward(x));
  return shortcut_ ? y + x : y;
}

CspLayerImpl::CspLayerImpl(const CspOptions& o) {
  const std::int64_t half = o.out / 2;
  conv1 = register_module("conv1", ConvBlock(ConvOptions{o.in, half}));
  conv2 = register_module("conv2", ConvBlock(ConvOptions{o.in, half}));
  conv3 = register_module("conv3", ConvBlock(ConvOptions{2 * half, o.out}));
  m = register_module("m", torch::nn::Sequential());
  for (int i = 0; i < o.bottlenecks; ++i) m->push_back(Bottleneck(half, o.shortcut));
}

at::Tensor CspLayerImpl::forward(const at::Tensor& x) {
  return conv3->forward(at::cat({m->forward(conv1->forward(x)), conv2->forward(x)}, 1));
}

PyramidPoolingImpl::PyramidPoolingImpl(std::int64_t channels) {
  conv1 = register_module("conv1", ConvBlock(ConvOptions{channels, channels / 2}));
  conv2 = register_module("conv2", ConvBlock(ConvOptions{channels * 2, channels}));
}

at::Tensor PyramidPoolingImpl::forward(const at::Tensor& x) {
  std::vector<at::Tensor> all{conv1->forward(x)};
  for (const std::int64_t size : {5, 9, 13})
    all.push_back(at::max_pool2d(all.front(), {size, size}, {1, 1}, {size / 2, size / 2}));
  return conv2->forward(at::cat(all, 1));
}

FocusImpl::FocusImpl(std::int64_t in, std::int64_t out) {
  conv = register_module("conv", ConvBlock(ConvOptions{4 * in, out, 3}));
}

at::Tensor FocusImpl::forward(const at::Tensor& x) {
  const auto every_second = [&](std::int64_t row, std::int64_t column) {
    return x.slice(2, row, std::nullopt, 2).slice(3, column, std::nullopt, 2);
  };
  return conv->forward(at::cat({every_second(0, 0), every_second(1, 0), every_second(0, 1), every_second(1, 1)}, 1));
}

DarknetImpl::DarknetImpl(std::int64_t c, std::int64_t in_channels) {
  using torch::nn::Sequential;
  const auto down = [](std::int64_t in) { return ConvBlock(ConvOptions{in, 2 * in, 3, 2}); };
  const auto csp = [](std::int64_t channels, int bottlenecks, bool shortcut) {
    return CspLayer(CspOptions{channels, channels, bottlenecks, shortcut});
  };
  stem = register_module("stem", Focus(in_channels, c));
  dark2 = register_module("dark2", Sequential(down(c), csp(2 * c, 1, true)));
  dark3 = register_module("dark3", Sequential(down(2 * c), csp(4 * c, 3, true)));
  dark4 = register_module("dark4", Sequential(down(4 * c), csp(8 * c, 3, true)));
  dark5 = register_module("dark5", Sequential(down(8 * c), PyramidPooling(16 * c), csp(16 * c, 1, false)));
}

DarknetOutput DarknetImpl::forward(const at::Tensor& images) {
  DarknetOutput out;
  out.dark3 = dark3->forward(dark2->forward(stem->forward(images)));
  out.dark4 = dark4->forward(out.dark3);
  out.dark5 = dark5->forward(out.dark4);
  return out;
}

}  // namespace mien::methods::fer_yolo_mamba
