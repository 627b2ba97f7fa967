// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dan/cross_attention.h"

namespace mien::methods::dan {
namespace {

torch::nn::Sequential conv_norm(std::int64_t in, std::int64_t out, std::int64_t height, std::int64_t width) {
  return torch::nn::Sequential(
      torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, {height, width}).padding({height / 2, width / 2})),
      torch::nn::BatchNorm2d(out));
}

}  // namespace

SpatialUnitImpl::SpatialUnitImpl(std::int64_t d) {
  conv1x1 = register_module("conv1x1", conv_norm(d, d / 2, 1, 1));
  conv_3x3 = register_module("conv_3x3", conv_norm(d / 2, d, 3, 3));
  conv_1x3 = register_module("conv_1x3", conv_norm(d / 2, d, 1, 3));
  conv_3x1 = register_module("conv_3x1", conv_norm(d / 2, d, 3, 1));
}

at::Tensor SpatialUnitImpl::forward(const at::Tensor& x) {
  const at::Tensor u = conv1x1->forward(x);  // no activation here
  const at::Tensor y = at::relu(conv_3x3->forward(u) + conv_1x3->forward(u) + conv_3x1->forward(u));
  return at::sum(y, {1}, /*keepdim=*/true, at::kFloat);
}

ChannelUnitImpl::ChannelUnitImpl(std::int64_t d, std::int64_t reduction) {
  attention = register_module(
      "attention", torch::nn::Sequential(torch::nn::Linear(d, d / reduction), torch::nn::BatchNorm1d(d / reduction),
                                         torch::nn::ReLU(), torch::nn::Linear(d / reduction, d), torch::nn::Sigmoid()));
}

ChannelOutput ChannelUnitImpl::forward(const at::Tensor& p) {
  auto& squeeze = *attention[0]->as<torch::nn::Linear>();
  auto& norm = *attention[1]->as<torch::nn::BatchNorm1d>();
  auto& excite = *attention[3]->as<torch::nn::Linear>();
  ChannelOutput out;
  out.hidden = at::relu(norm.forward(squeeze.forward(p)));
  out.gate = at::sigmoid(excite.forward(out.hidden));
  return out;
}

CrossAttentionImpl::CrossAttentionImpl(const CrossAttentionOptions& o) {
  if (o.spatial) sa = register_module("sa", SpatialUnit(o.channels));
  if (o.channel) ca = register_module("ca", ChannelUnit(o.channels, o.reduction));
}

HeadOutput CrossAttentionImpl::forward(const at::Tensor& x) {
  // The map reaches several hundred: products and means stay in float32 under mixed precision.
  HeadOutput out;
  at::Tensor attended = x.to(at::kFloat);
  if (!sa.is_empty()) {
    out.map = sa->forward(x);
    attended = attended * out.map;
  }
  out.vector = out.pooled = attended.mean({2, 3});
  if (ca.is_empty()) return out;
  out.channel = ca->forward(out.pooled);
  out.vector = out.pooled * out.channel.gate.to(at::kFloat);
  return out;
}

}  // namespace mien::methods::dan
