// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/perceptual.h"

#include <array>

namespace mien::methods::ifer {
namespace {

constexpr std::array<std::int64_t, 5> kChannels{64, 192, 384, 256, 256};

torch::nn::Conv2d convolution(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride,
                              std::int64_t padding) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(padding));
}

}  // namespace

at::Tensor unit_length(const at::Tensor& x) {
  return x / (at::sqrt(x.square().sum(1, /*keepdim=*/true) + 1e-20) + 1e-10);
}

AlexNetTapsImpl::AlexNetTapsImpl() {
  const auto relu = [] { return torch::nn::ReLU(); };
  const auto pool = [] { return torch::nn::MaxPool2d(torch::nn::MaxPool2dOptions(3).stride(2)); };
  layers = register_module(
      "layers", torch::nn::Sequential(convolution(3, 64, 11, 4, 2), relu(), pool(), convolution(64, 192, 5, 1, 2),
                                      relu(), pool(), convolution(192, 384, 3, 1, 1), relu(),
                                      convolution(384, 256, 3, 1, 1), relu(), convolution(256, 256, 3, 1, 1), relu()));
  mean = register_buffer("mean", at::tensor({-0.030f, -0.088f, -0.188f}).view({1, 3, 1, 1}));
  std = register_buffer("std", at::tensor({0.458f, 0.448f, 0.450f}).view({1, 3, 1, 1}));
}

std::vector<at::Tensor> AlexNetTapsImpl::forward(const at::Tensor& x) {
  std::vector<at::Tensor> taps;
  at::Tensor y = (x - mean) / std;
  for (auto& layer : *layers) {
    y = layer.forward(y);
    if (layer.ptr()->as<torch::nn::ReLUImpl>()) taps.push_back(unit_length(y));
  }
  return taps;
}

LpipsImpl::LpipsImpl() {
  net = register_module("net", AlexNetTaps());
  torch::nn::ModuleList list;
  for (const std::int64_t channels : kChannels) {
    lin.push_back(torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, 1, 1).bias(false)));
    // Position 0 is a dropout in the published files, which has no weights.
    list->push_back(torch::nn::Sequential(torch::nn::Identity(), lin.back()));
  }
  register_module("lin", list);
  for (auto& p : parameters()) p.requires_grad_(false);
}

std::vector<at::Tensor> LpipsImpl::taps(const at::Tensor& x, const at::Tensor& y) {
  const auto a = net->forward(x), b = net->forward(y);
  std::vector<at::Tensor> out;
  for (std::size_t i = 0; i < a.size(); ++i) out.push_back(lin[i]->forward((a[i] - b[i]).square()).mean());
  return out;
}

at::Tensor LpipsImpl::forward(const at::Tensor& x, const at::Tensor& y) { return at::stack(taps(x, y)).sum(); }

}  // namespace mien::methods::ifer
