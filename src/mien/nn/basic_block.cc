// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/basic_block.h"

namespace mien::nn {

torch::nn::Conv2d conv(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                       std::int64_t padding) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(padding).bias(false));
}

BasicBlockImpl::BasicBlockImpl(const BasicBlockOptions& o) {
  conv1 = register_module("conv1", conv(o.in_channels, o.out_channels, 3, o.stride, 1));
  bn1 = register_module("bn1", torch::nn::BatchNorm2d(o.out_channels));
  conv2 = register_module("conv2", conv(o.out_channels, o.out_channels, 3, 1, 1));
  bn2 = register_module("bn2", torch::nn::BatchNorm2d(o.out_channels));
  if (o.stride != 1 || o.in_channels != o.out_channels)
    downsample =
        register_module("downsample", torch::nn::Sequential(conv(o.in_channels, o.out_channels, 1, o.stride, 0),
                                                            torch::nn::BatchNorm2d(o.out_channels)));
}

at::Tensor BasicBlockImpl::forward(const at::Tensor& x) {
  const at::Tensor identity = downsample.is_empty() ? x : downsample->forward(x);
  at::Tensor y = at::relu(bn1->forward(conv1->forward(x)));
  y = bn2->forward(conv2->forward(y));
  return at::relu(y + identity);
}

}  // namespace mien::nn
