// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fdrl/network.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/nn/float32.h"
#include "mien/nn/shape_text.h"

namespace mien::methods::fdrl {

LatentLinearsImpl::LatentLinearsImpl(const std::string& name, std::int64_t count, std::int64_t in, std::int64_t out) {
  for (std::int64_t j = 0; j < count; ++j) {
    layers_.emplace_back(in, out);
    register_module(fmt::format("{}_fc{}", name, j), torch::nn::Sequential(layers_.back()));
  }
}

StackedLinear LatentLinearsImpl::stacked() const {
  std::vector<at::Tensor> weights, biases;
  for (const auto& layer : layers_) {
    weights.push_back(layer->weight);
    biases.push_back(layer->bias);
  }
  return {at::stack(weights), at::stack(biases)};
}

void LatentLinearsImpl::reset_parameters() {
  for (auto& layer : layers_) layer->reset_parameters();
}

FdrlNetImpl::FdrlNetImpl(const FdrlConfig& c, std::int64_t num_classes, std::int64_t in_channels) : config_(c) {
  const std::int64_t features = 8 * c.width;
  backbone = register_module("backbone", nn::resnet18_features({in_channels, c.width}));
  if (c.fdn) {
    fdn = register_module("fdn", LatentLinears("fdn", c.num_latent, features, c.latent_dim));
    auto frn = register_module("frn", std::make_shared<torch::nn::Module>());
    if (c.intra)
      intra_rm = frn->register_module("intra_rm", LatentLinears("intra", c.num_latent, c.latent_dim, c.latent_dim));
    if (c.inter)
      inter_rm = frn->register_module("inter_rm", LatentLinears("inter", c.num_latent, c.latent_dim, c.latent_dim));
  }
  epn = register_module("epn", torch::nn::Linear(c.fdn ? c.latent_dim : features, num_classes));
  dropout = register_module("dropout", torch::nn::Dropout(c.dropout));
}

FdrlLayers FdrlNetImpl::layers() const {
  FdrlLayers out;
  if (!fdn.is_empty()) out.decompose = fdn->stacked();
  if (!intra_rm.is_empty()) out.intra = intra_rm->stacked();
  if (!inter_rm.is_empty()) out.inter = inter_rm->stacked();
  return out;
}

FdrlOutput FdrlNetImpl::forward(const at::Tensor& images) {
  check_input(
      images.dim() == 4 && images.size(2) >= 32 && images.size(3) >= 32,
      fmt::format("FDRL needs pictures (B,C,H,W) of 32 pixels or more, got {}.", nn::shape_text(images.sizes())));
  FdrlOutput out;
  out.map = backbone->forward(images);
  const nn::Float32 full(images.device().type());
  out.basic = out.map.to(epn->weight.scalar_type()).mean({2, 3});
  out.parts = reconstruct(config_, layers(), out.basic);
  out.logits = epn->forward(dropout->forward(out.parts.expression));
  return out;
}

void initialise(FdrlNet& network) {
  nn::init_he_fan_out(*network);
  for (auto* part : {&network->fdn, &network->intra_rm, &network->inter_rm})
    if (!part->is_empty()) (*part)->reset_parameters();
  network->epn->reset_parameters();
}

}  // namespace mien::methods::fdrl
