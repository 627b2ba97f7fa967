// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/identity.h"

namespace mien::methods::ifer {
namespace {

torch::nn::Conv2d plain_conv(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride) {
  return torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

torch::nn::PReLU prelu(std::int64_t channels) {
  return torch::nn::PReLU(torch::nn::PReLUOptions().num_parameters(channels));
}

struct Stage {
  std::int64_t depth, units;
};
constexpr std::array<Stage, 4> kStages{{{64, 3}, {128, 4}, {256, 14}, {512, 3}}};
constexpr std::int64_t kSide = 112, kReduction = 16;

}  // namespace

IdentityGateImpl::IdentityGateImpl(std::int64_t c) {
  fc1 = register_module("fc1", plain_conv(c, c / kReduction, 1, 1));
  fc2 = register_module("fc2", plain_conv(c / kReduction, c, 1, 1));
}

at::Tensor IdentityGateImpl::forward(const at::Tensor& x) {
  return x * at::sigmoid(fc2->forward(at::relu(fc1->forward(x.mean({2, 3}, /*keepdim=*/true)))));
}

IdentityUnitImpl::IdentityUnitImpl(std::int64_t in, std::int64_t depth, std::int64_t stride) {
  using torch::nn::BatchNorm2d;
  if (in == depth)
    shortcut_layer = torch::nn::Sequential(torch::nn::MaxPool2d(torch::nn::MaxPool2dOptions(1).stride(stride)));
  else
    shortcut_layer = torch::nn::Sequential(plain_conv(in, depth, 1, stride), BatchNorm2d(depth));
  register_module("shortcut_layer", shortcut_layer);
  res_layer = register_module(
      "res_layer", torch::nn::Sequential(BatchNorm2d(in), plain_conv(in, depth, 3, 1), prelu(depth),
                                         plain_conv(depth, depth, 3, stride), BatchNorm2d(depth), IdentityGate(depth)));
}

at::Tensor IdentityUnitImpl::forward(const at::Tensor& x) { return res_layer->forward(x) + shortcut_layer->forward(x); }

IrSe50Impl::IrSe50Impl() {
  input_layer = register_module("input_layer",
                                torch::nn::Sequential(plain_conv(3, 64, 3, 1), torch::nn::BatchNorm2d(64), prelu(64)));
  torch::nn::ModuleList list;
  std::int64_t in = 64;
  for (const auto& stage : kStages)
    for (std::int64_t i = 0; i < stage.units; ++i) {
      body.push_back(IdentityUnit(in, stage.depth, i == 0 ? 2 : 1));
      list->push_back(body.back());
      in = stage.depth;
    }
  register_module("body", list);
  output_layer = register_module(
      "output_layer", torch::nn::Sequential(torch::nn::BatchNorm2d(512), torch::nn::Dropout(0.5), torch::nn::Flatten(),
                                            torch::nn::Linear(512 * 7 * 7, 512), torch::nn::BatchNorm1d(512)));
}

at::Tensor IrSe50Impl::forward(const at::Tensor& x) {
  at::Tensor y = input_layer->forward(x);
  for (auto& unit : body) y = unit->forward(y);
  y = output_layer->forward(y);
  return y / y.norm(2, {1}, /*keepdim=*/true);
}

IdentityNetworkImpl::IdentityNetworkImpl(std::array<std::int64_t, 2> rows, std::array<std::int64_t, 2> columns)
    : rows_(rows), columns_(columns) {
  facenet = register_module("facenet", IrSe50());
  for (auto& p : parameters()) p.requires_grad_(false);
  eval();
}

at::Tensor IdentityNetworkImpl::features(const at::Tensor& images) {
  const at::Tensor face = images.slice(2, rows_[0], rows_[1]).slice(3, columns_[0], columns_[1]);
  return facenet->forward(at::adaptive_avg_pool2d(face, {kSide, kSide}));
}

}  // namespace mien::methods::ifer
