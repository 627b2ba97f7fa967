// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fdrl/fold.h"

#include "mien/base/text.h"
#include "mien/methods/fdrl/views.h"
#include "mien/nn/class_activation.h"

namespace mien::methods::fdrl {
namespace {

/// stacked() has made new tensors already; they only lose their gradient.
StackedLinear without_gradient(const StackedLinear& layer) {
  return layer.weight.defined() ? StackedLinear{layer.weight.detach(), layer.bias.detach()} : StackedLinear{};
}

}  // namespace

FoldedFdrl::FoldedFdrl(FdrlNet network, const at::Tensor& weight_centers, bool centre_crop)
    : config_(network->config()),
      backbone_(network->backbone),
      classifier_{network->epn->weight.detach().clone(), network->epn->bias.detach().clone()},
      weight_centers_(weight_centers.detach().clone()),
      centre_crop_(centre_crop) {
  const FdrlLayers layers = network->layers();
  layers_ = {without_gradient(layers.decompose), without_gradient(layers.intra), without_gradient(layers.inter)};
}

std::vector<at::Tensor> FoldedFdrl::forward(const at::Tensor& images) const {
  const at::Tensor map = backbone_.forward(centre_crop_ ? centre_crop(images) : images);
  const Reconstruction r = reconstruct(config_, layers_, map.mean({2, 3}));
  const at::Tensor logits = at::linear(r.expression, classifier_.weight, classifier_.bias);
  if (!config_.fdn) return {logits, nn::class_activation(map, classifier_.weight)};
  std::vector<at::Tensor> out{logits, latent_maps(map, r.latent, layers_.decompose)};
  if (config_.intra) {
    out.push_back(r.intra_weights);
    out.push_back(weight_centers_.index_select(0, logits.argmax(1)));
  }
  out.push_back(r.latent.square().sum({2}).sqrt());
  if (config_.inter) out.push_back(r.inter_weights);
  out.push_back(r.expression);
  return out;
}

std::vector<face::OutputSpec> FoldedFdrl::outputs(const face::InputSpec& input) const {
  const auto border = centre_crop_ ? static_cast<float>((input.width - crop_side(input.width)) / 2) : 0.0f;
  const float first = nn::kResNetCellFirst + border;
  std::vector<face::OutputSpec> out{{"logits", "class logits before softmax, in the card's class order", "real"}};
  if (!config_.fdn) {
    out.push_back({"class_maps", nn::kClassActivationMeaning, "real, logits", nn::kResNetCellStride, first});
    return out;
  }
  std::vector<std::string> names;
  for (int j = 1; j <= config_.num_latent; ++j) names.push_back(text("latent ", j));
  out.push_back({"latent_maps",
                 "where each latent feature comes from: its linear layer applied to the features of each cell, summed "
                 "over the components that are "
                 "active; the mean over the cells is their sum but for the bias",
                 "real", nn::kResNetCellStride, first});
  if (config_.intra) {
    const char* range = config_.intra_norm == "mean" ? "0..1" : "real";
    out.push_back(face::face_values("weights", "how much each latent feature counts in this face", range, names));
    out.push_back(face::face_values(
        "class_weights", "how much each latent feature counts in training pictures of the predicted class, on average",
        range, names));
  }
  out.push_back(face::face_values("latent_norms",
                                  "length of each latent feature: how strongly what it stands for is seen in this face",
                                  "real", names));
  if (config_.inter)
    out.push_back(
        {"relations",
         "how strongly each latent feature (row) hears each other one (column): tanh of the distance of their messages",
         "0..1"});
  out.push_back({"expression", "the expression feature: what the classifier gets", "real"});
  return out;
}

std::vector<std::pair<std::string, at::Tensor>> FoldedFdrl::weights() const {
  auto out = backbone_.weights("backbone.");
  const auto add = [&](const std::string& name, const at::Tensor& weight, const at::Tensor& bias) {
    if (!weight.defined()) return;
    out.emplace_back(name + ".weight", weight);
    out.emplace_back(name + ".bias", bias);
  };
  add("fdn", layers_.decompose.weight, layers_.decompose.bias);
  add("frn.intra_rm", layers_.intra.weight, layers_.intra.bias);
  add("frn.inter_rm", layers_.inter.weight, layers_.inter.bias);
  add("epn", classifier_.weight, classifier_.bias);
  if (config_.has_weights()) out.emplace_back("distribution.centers", weight_centers_);
  return out;
}

}  // namespace mien::methods::fdrl
