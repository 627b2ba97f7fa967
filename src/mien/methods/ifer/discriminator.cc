// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/discriminator.h"

#include <fmt/core.h>

#include <algorithm>
#include <numbers>

#include "mien/base/error.h"

namespace mien::methods::ifer {
namespace {

constexpr double kMomentum = 0.999;
constexpr std::int64_t kGroup = 4;

torch::nn::Sequential activated(std::int64_t in, std::int64_t out, std::int64_t kernel) {
  return torch::nn::Sequential(EqualConv2d(in, out, kernel, 1, kernel / 2), BiasedLeakyRelu(out));
}

}  // namespace

HalvingBlockImpl::HalvingBlockImpl(std::int64_t in, std::int64_t out) {
  conv1 = register_module("conv1", activated(in, in, 3));
  conv2 = register_module("conv2", torch::nn::Sequential(Fir(1, nn::Resampling{1, 1, 2, 2}),
                                                         EqualConv2d(in, out, 3, 2, 0), BiasedLeakyRelu(out)));
  // The filter skips the positions that the 1×1 convolution with stride 2 would not read.
  skip =
      register_module("skip", torch::nn::Sequential(Fir(1, nn::Resampling{1, 2, 1, 1}), EqualConv2d(in, out, 1, 1, 0)));
}

at::Tensor HalvingBlockImpl::forward(const at::Tensor& x) {
  return (conv2->forward(conv1->forward(x)) + skip->forward(x)) / std::numbers::sqrt2;
}

DiscriminatorTrunkImpl::DiscriminatorTrunkImpl(const GeneratorSizes& s) {
  const auto& c = s.channels;
  first_ = register_module("0", activated(3, c.back(), 1));
  for (std::size_t level = c.size() - 1; level > 0; --level)
    blocks_.push_back(register_module(std::to_string(blocks_.size() + 1), HalvingBlock(c[level], c[level - 1])));
}

at::Tensor DiscriminatorTrunkImpl::forward(const at::Tensor& x) {
  at::Tensor y = first_->forward(x);
  for (auto& block : blocks_) y = block->forward(y);
  return y;
}

EmbedderImpl::EmbedderImpl(const GeneratorSizes& s, std::int64_t embedding) {
  convs = register_module("convs", DiscriminatorTrunk(s));
  lin = register_module("lin", torch::nn::Linear(s.channels[0], embedding));
}

at::Tensor EmbedderImpl::forward(const at::Tensor& x) { return lin->forward(convs->forward(x).mean({2, 3})); }

InversionDiscriminatorImpl::InversionDiscriminatorImpl(const GeneratorSizes& s, std::int64_t embedding) {
  model_q = register_module("model_q", Embedder(s, embedding));
  model_k = register_module("model_k", Embedder(s, embedding));
  for (auto& p : model_k->parameters()) p.requires_grad_(false);
  start_twin();
}

void InversionDiscriminatorImpl::start_twin() {
  const torch::NoGradGuard no_grad;
  auto k = model_k->named_parameters();
  for (const auto& q : model_q->named_parameters()) k[q.key()].copy_(q.value());
}

void InversionDiscriminatorImpl::follow() {
  const torch::NoGradGuard no_grad;
  auto k = model_k->named_parameters();
  for (const auto& q : model_q->named_parameters()) k[q.key()].mul_(kMomentum).add_(q.value(), 1 - kMomentum);
}

at::Tensor InversionDiscriminatorImpl::forward(const at::Tensor& judged, const at::Tensor& source) {
  const at::Tensor query = model_q->forward(judged);
  follow();
  at::Tensor key;
  {
    const torch::NoGradGuard no_grad;
    key = model_k->forward(source);
  }
  return at::cosine_similarity(query.to(at::kFloat), key.to(at::kFloat), 1).unsqueeze(1);
}

at::Tensor append_batch_deviation(const at::Tensor& x) {
  const std::int64_t n = x.size(0), group = std::min(n, kGroup);
  check_input(n % group == 0, fmt::format("A batch of {} pictures is not a multiple of {}.", n, group),
              "Set a batch size that is a multiple of 4.");
  const at::Tensor grouped = x.to(at::kFloat).view({group, n / group, x.size(1), x.size(2), x.size(3)});
  const at::Tensor deviation = (grouped.var(0, /*unbiased=*/false) + 1e-8).sqrt().mean({1, 2, 3}, /*keepdim=*/true);
  const at::Tensor channel = deviation.repeat({group, 1, x.size(2), x.size(3)}).to(x.scalar_type());
  return at::cat({x, channel}, 1);
}

CriticImpl::CriticImpl(const GeneratorSizes& s) {
  const std::int64_t c = s.channels[0];
  convs = register_module("convs", DiscriminatorTrunk(s));
  final_conv = register_module("final_conv", activated(c + 1, c, 3));
  final_linear = register_module(
      "final_linear",
      torch::nn::Sequential(EqualLinear(EqualLinearOptions{c * 16, c, 1, 0, Activation::fused_leaky_relu}),
                            EqualLinear(EqualLinearOptions{c, 1})));
}

at::Tensor CriticImpl::forward(const at::Tensor& x) {
  const at::Tensor y = final_conv->forward(append_batch_deviation(convs->forward(x)));
  return final_linear->forward(y.flatten(1));
}

}  // namespace mien::methods::ifer
