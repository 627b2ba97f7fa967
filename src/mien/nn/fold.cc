// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/fold.h"

namespace mien::nn {
namespace {

/// W' = W·γ/σ, b' = (b − μ)·γ/σ + β, in double so that folding adds no rounding of its own.
template <typename Norm>
Folded fold_affine(const at::Tensor& weight, const at::Tensor& bias, const Norm& norm) {
  const torch::NoGradGuard no_grad;
  const at::Tensor scale = norm.weight.to(at::kDouble) / (norm.running_var.to(at::kDouble) + norm.options.eps()).sqrt();
  std::vector<std::int64_t> per_channel(static_cast<std::size_t>(weight.dim()), 1);
  per_channel[0] = -1;
  at::Tensor shift = -norm.running_mean.to(at::kDouble);
  if (bias.defined()) shift = shift + bias.to(at::kDouble);
  return {(weight.to(at::kDouble) * scale.view(per_channel)).to(at::kFloat),
          (shift * scale + norm.bias.to(at::kDouble)).to(at::kFloat)};
}

const torch::nn::Conv2dImpl& conv_at(torch::nn::SequentialImpl& s, std::size_t i) {
  return *s[i]->as<torch::nn::Conv2d>();
}
const torch::nn::BatchNorm2dImpl& norm_at(torch::nn::SequentialImpl& s, std::size_t i) {
  return *s[i]->as<torch::nn::BatchNorm2d>();
}

at::Tensor apply(const at::Tensor& x, const Folded& f, std::int64_t stride, std::int64_t padding) {
  return at::conv2d(x, f.weight, f.bias, {stride, stride}, {padding, padding});
}

}  // namespace

Folded fold(const torch::nn::Conv2dImpl& conv, const torch::nn::BatchNorm2dImpl& norm) {
  return fold_affine(conv.weight, conv.bias, norm);
}
Folded fold(const torch::nn::LinearImpl& linear, const torch::nn::BatchNorm1dImpl& norm) {
  return fold_affine(linear.weight, linear.bias, norm);
}

FoldedResNet18::FoldedResNet18(torch::nn::Sequential features) {
  stem_ = fold(conv_at(*features, 0), norm_at(*features, 1));
  for (std::size_t stage = 4; stage < 8; ++stage) {
    auto& blocks = *features[stage]->as<ResNetStage>();
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      auto& b = *blocks[i]->as<BasicBlock>();
      Block block{std::to_string(stage) + "." + std::to_string(i),
                  fold(*b.conv1, *b.bn1),
                  fold(*b.conv2, *b.bn2),
                  {},
                  b.conv1->options.stride()->at(0)};
      if (!b.downsample.is_empty()) block.downsample = fold(conv_at(*b.downsample, 0), norm_at(*b.downsample, 1));
      blocks_.push_back(std::move(block));
    }
  }
}

at::Tensor FoldedResNet18::forward(const at::Tensor& input) const {
  at::Tensor x = at::max_pool2d(at::relu(apply(input, stem_, 2, 3)), {3, 3}, {2, 2}, {1, 1});
  for (const auto& b : blocks_) {
    const at::Tensor identity = b.downsample.weight.defined() ? apply(x, b.downsample, b.stride, 0) : x;
    x = at::relu(apply(at::relu(apply(x, b.conv1, b.stride, 1)), b.conv2, 1, 1) + identity);
  }
  return x;
}

std::vector<std::pair<std::string, at::Tensor>> FoldedResNet18::weights(const std::string& prefix) const {
  std::vector<std::pair<std::string, at::Tensor>> out;
  auto put = [&](const std::string& name, const Folded& f) {
    if (!f.weight.defined()) return;
    out.emplace_back(prefix + name + ".weight", f.weight);
    out.emplace_back(prefix + name + ".bias", f.bias);
  };
  put("0", stem_);
  for (const auto& b : blocks_) {
    put(b.name + ".conv1", b.conv1);
    put(b.name + ".conv2", b.conv2);
    put(b.name + ".downsample", b.downsample);
  }
  return out;
}

}  // namespace mien::nn
