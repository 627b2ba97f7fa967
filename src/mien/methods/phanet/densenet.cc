// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/phanet/densenet.h"

#include <string>

namespace mien::methods::phanet {
namespace {

torch::nn::Conv2d convolution(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride = 1) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

}  // namespace

DenseLayerImpl::DenseLayerImpl(std::int64_t in_channels, std::int64_t growth) {
  norm1 = register_module("norm1", torch::nn::BatchNorm2d(in_channels));
  conv1 = register_module("conv1", convolution(in_channels, 4 * growth, 1));
  norm2 = register_module("norm2", torch::nn::BatchNorm2d(4 * growth));
  conv2 = register_module("conv2", convolution(4 * growth, growth, 3));
}

at::Tensor DenseLayerImpl::forward(const at::Tensor& x) {
  const at::Tensor narrow = conv1->forward(at::relu(norm1->forward(x)));
  return at::cat({x, conv2->forward(at::relu(norm2->forward(narrow)))}, 1);
}

TransitionImpl::TransitionImpl(std::int64_t in_channels, std::int64_t out_channels) {
  norm = register_module("norm", torch::nn::BatchNorm2d(in_channels));
  conv = register_module("conv", convolution(in_channels, out_channels, 1));
}

at::Tensor TransitionImpl::forward(const at::Tensor& x) {
  return at::avg_pool2d(conv->forward(at::relu(norm->forward(x))), {2, 2});
}

DenseNetImpl::DenseNetImpl(const DenseNetOptions& options) : small_stem_(options.small_stem) {
  features = register_module("features", nn::Group());
  conv0_ = features->add("conv0", convolution(options.in_channels, options.stem, small_stem_ ? 3 : 7, 2));
  norm0_ = features->add("norm0", torch::nn::BatchNorm2d(options.stem));
  std::int64_t channels = options.stem;
  for (std::size_t k = 0; k < 4; ++k) {
    const std::string number = std::to_string(k + 1);
    nn::Group block = features->add("denseblock" + number, nn::Group());
    for (int j = 1; j <= options.layers[k]; ++j) {
      blocks_[k].push_back(block->add("denselayer" + std::to_string(j), DenseLayer(channels, options.growth)));
      channels += options.growth;
    }
    channels_[k] = channels;
    if (k == 3) break;
    transitions_.push_back(features->add("transition" + number, Transition(channels, channels / 2)));
    channels /= 2;
  }
  norm5_ = features->add("norm5", torch::nn::BatchNorm2d(channels));
}

DenseNetOutput DenseNetImpl::forward(const at::Tensor& images) {
  DenseNetOutput out;
  at::Tensor x = at::relu(norm0_->forward(conv0_->forward(images)));
  if (!small_stem_) x = at::max_pool2d(x, {3, 3}, {2, 2}, {1, 1});
  for (std::size_t k = 0; k < 4; ++k) {
    for (auto& layer : blocks_[k]) x = layer->forward(x);
    out.maps[k] = x;
    if (k < 3) x = transitions_[k]->forward(x);
  }
  out.pooled = at::relu(norm5_->forward(x)).mean({2, 3});
  return out;
}

}  // namespace mien::methods::phanet
