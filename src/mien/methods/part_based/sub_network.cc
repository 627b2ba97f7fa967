// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/sub_network.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/nn/shape_text.h"

namespace mien::methods::part_based {
namespace {

constexpr double kNormEps = 1e-3;

}  // namespace

at::Tensor pool(const at::Tensor& x) { return at::max_pool2d(x, {3, 3}, {2, 2}, {0, 0}, {1, 1}, /*ceil_mode=*/true); }

BodyImpl::BodyImpl(const SubNetworkOptions& o) {
  std::int64_t in = o.channels;
  for (std::int64_t i = 0; i < kBodyLayers; ++i) {
    const std::int64_t out = o.width << (i / 2);
    const std::string number = std::to_string(i + 1);
    convolutions.push_back(
        register_module("conv" + number, torch::nn::Conv2d(torch::nn::Conv2dOptions(in, out, 3).padding(1))));
    norms.push_back(register_module(
        "bn" + number,
        torch::nn::BatchNorm2d(torch::nn::BatchNorm2dOptions(out).eps(kNormEps).momentum(o.norm_momentum))));
    in = out;
  }
}

at::Tensor BodyImpl::activations(const at::Tensor& images) {
  constexpr std::int64_t kMultiple = 1 << kPoolings;
  check_input(images.dim() == 4 && images.size(2) % kMultiple == 0 && images.size(3) % kMultiple == 0,
              fmt::format("The network needs pictures (B,C,H,W) whose sides are multiples of {}, got {}.", kMultiple,
                          nn::shape_text(images.sizes())),
              "Use --set input.size=160, or another multiple of 16.");
  at::Tensor x = images;
  for (std::size_t i = 0; i < convolutions.size(); ++i) {
    if (i > 0 && i % 2 == 0) x = pool(x);
    x = at::relu(norms[i]->forward(convolutions[i]->forward(x)));
  }
  return x;
}

at::Tensor BodyImpl::forward(const at::Tensor& images) { return features_of(activations(images)); }

at::Tensor features_of(const at::Tensor& activations) { return pool(activations).mean({2, 3}); }

LinearChainImpl::LinearChainImpl(const std::vector<std::int64_t>& sizes) {
  for (std::size_t i = 1; i < sizes.size(); ++i)
    layers.push_back(register_module("fc" + std::to_string(i), torch::nn::Linear(sizes[i - 1], sizes[i])));
}

at::Tensor LinearChainImpl::forward(const at::Tensor& x) {
  at::Tensor out = x;
  for (auto& layer : layers) out = layer->forward(out);
  return out;
}

Affine LinearChainImpl::fused() const {
  const torch::NoGradGuard no_grad;
  at::Tensor weight = layers.front()->weight.to(at::kDouble), bias = layers.front()->bias.to(at::kDouble);
  for (std::size_t i = 1; i < layers.size(); ++i) {
    const at::Tensor next = layers[i]->weight.to(at::kDouble);
    weight = at::matmul(next, weight);
    bias = at::matmul(next, bias) + layers[i]->bias.to(at::kDouble);
  }
  return {weight.to(at::kFloat), bias.to(at::kFloat)};
}

SubNetworkImpl::SubNetworkImpl(const SubNetworkOptions& o) {
  const std::int64_t d = o.features();
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(o.landmark_layers), d);
  sizes.push_back(2 * o.num_points);
  features = register_module("features", Body(o));
  landmarks = register_module("landmarks", LinearChain(sizes));
  expression = register_module("expression", LinearChain(std::vector<std::int64_t>{d, d, d, o.num_classes}));
}

void initialise(SubNetwork& network) {
  const torch::NoGradGuard no_grad;
  for (const auto& module : network->modules()) {
    if (auto* conv = module->as<torch::nn::Conv2d>()) {
      torch::nn::init::kaiming_uniform_(conv->weight, 0, torch::kFanIn, torch::kReLU);
      conv->bias.zero_();
    } else if (auto* linear = module->as<torch::nn::Linear>()) {
      torch::nn::init::xavier_uniform_(linear->weight);
      linear->bias.zero_();
    } else if (auto* norm = module->as<torch::nn::BatchNorm2d>()) {
      norm->reset_parameters();
      norm->reset_running_stats();
    }
  }
}

}  // namespace mien::methods::part_based
