// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/plain_taps.h"

#include "mien/base/error.h"
#include "mien/method/import.h"
#include "mien/methods/ifer/perceptual.h"

namespace mien::methods::ifer {
namespace {

/// Width and channels of the first convolution.
nn::ResNet18Options options_in(const std::string& path) {
  const auto file = nn::read_weights(path);
  for (const auto& [key, value] : nn::backbone_names().apply(file.file.tensors))
    if (key == "0.weight" && value.dim() == 4) return {value.size(1), value.size(0)};
  fail_input(path + ": no ResNet-18 (init.features).",
             "Give best.safetensors of a run of DAN with model.heads=0, or leave init.features empty.");
}

}  // namespace

PlainTapsImpl::PlainTapsImpl(const nn::ResNet18Options& options)
    : features(register_module("features", nn::resnet18_features(options))), channels_(options.in_channels) {
  for (auto& p : parameters()) p.requires_grad_(false);
  eval();
}

std::vector<at::Tensor> PlainTapsImpl::forward(const at::Tensor& x) {
  std::vector<at::Tensor> taps;
  at::Tensor y = channels_ == 1 ? x.mean(1, /*keepdim=*/true) : x;
  for (auto& layer : *features) {
    y = layer.forward(y);
    if (layer.ptr()->as<nn::ResNetStageImpl>()) taps.push_back(unit_length(y.to(at::kFloat)));
  }
  return taps;
}

at::Tensor PlainTapsImpl::distance(const at::Tensor& x, const at::Tensor& y) {
  const auto a = forward(x), b = forward(y);
  at::Tensor sum = torch::zeros({}, a.front().options());
  for (std::size_t i = 0; i < a.size(); ++i) sum = sum + (a[i] - b[i]).square().sum(1).mean();
  return sum;
}

PlainTaps load_plain_taps(const std::string& path) {
  PlainTaps taps(options_in(path));
  method::load_backbone(*taps->features, path, nn::backbone_names(), "the plain network (init.features)");
  return taps;
}

}  // namespace mien::methods::ifer
