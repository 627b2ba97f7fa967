// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/scan_cci/base.h"

namespace mien::methods::scan_cci {
namespace {

torch::nn::Sequential bottlenecks(std::int64_t in, std::int64_t width, int count, std::int64_t stride, Layout layout) {
  torch::nn::Sequential stage;
  for (int i = 0; i < count; ++i)
    stage->push_back(Bottleneck(
        BottleneckOptions{i == 0 ? in : 4 * width, width, 4 * width, i == 0 ? stride : 1, layout == Layout::caffe}));
  return stage;
}

torch::nn::Sequential basic_blocks(std::int64_t in, std::int64_t out, std::int64_t stride) {
  torch::nn::Sequential stage;
  stage->push_back(nn::BasicBlock(nn::BasicBlockOptions{in, out, stride}));
  stage->push_back(nn::BasicBlock(nn::BasicBlockOptions{out, out, 1}));
  return stage;
}

}  // namespace

BottleneckImpl::BottleneckImpl(const BottleneckOptions& o) {
  conv1 = register_module("conv1", nn::conv(o.in_channels, o.width, 1, o.stride_first ? o.stride : 1, 0));
  bn1 = register_module("bn1", torch::nn::BatchNorm2d(o.width));
  conv2 = register_module("conv2", nn::conv(o.width, o.width, 3, o.stride_first ? 1 : o.stride, 1));
  bn2 = register_module("bn2", torch::nn::BatchNorm2d(o.width));
  conv3 = register_module("conv3", nn::conv(o.width, o.out_channels, 1, 1, 0));
  bn3 = register_module("bn3", torch::nn::BatchNorm2d(o.out_channels));
  if (o.stride == 1 && o.in_channels == o.out_channels) return;
  downsample =
      register_module("downsample", torch::nn::Sequential(nn::conv(o.in_channels, o.out_channels, 1, o.stride, 0),
                                                          torch::nn::BatchNorm2d(o.out_channels)));
}

at::Tensor BottleneckImpl::forward(const at::Tensor& x) {
  at::Tensor y = at::relu(bn1->forward(conv1->forward(x)));
  y = at::relu(bn2->forward(conv2->forward(y)));
  y = bn3->forward(conv3->forward(y));
  return at::relu(y + (downsample.is_empty() ? x : downsample->forward(x)));
}

BaseImpl::BaseImpl(Trunk trunk, Layout layout, std::int64_t in_channels) : trunk_(trunk), layout_(layout) {
  const bool is_whole = trunk == Trunk::resnet50;
  const std::int64_t stem = is_whole ? 64 : 32;
  conv1 =
      register_module("conv1", is_whole ? nn::conv(in_channels, stem, 7, 2, 3) : nn::conv(in_channels, stem, 3, 2, 1));
  bn1 = register_module("bn1", torch::nn::BatchNorm2d(stem));
  layer1 = register_module("layer1", is_whole ? bottlenecks(64, 64, 3, 1, layout) : basic_blocks(32, 32, 1));
  layer2 = register_module("layer2", is_whole ? bottlenecks(256, 128, 4, 2, layout) : basic_blocks(32, 64, 2));
  layer3 = register_module("layer3", is_whole ? bottlenecks(512, 256, 6, 2, layout) : basic_blocks(64, 128, 2));
}

BaseOutput BaseImpl::forward(const at::Tensor& images) {
  at::Tensor x = at::relu(bn1->forward(conv1->forward(images)));
  if (trunk_ == Trunk::resnet50) {
    const bool is_caffe = layout_ == Layout::caffe;
    const std::int64_t padding = is_caffe ? 0 : 1;
    x = at::max_pool2d(x, {3, 3}, {2, 2}, {padding, padding}, {1, 1}, /*ceil_mode=*/is_caffe);
  }
  BaseOutput out;
  out.f2 = layer2->forward(layer1->forward(x));
  out.f3 = layer3->forward(out.f2);
  return out;
}

}  // namespace mien::methods::scan_cci
