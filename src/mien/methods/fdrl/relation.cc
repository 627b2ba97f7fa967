// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fdrl/relation.h"

namespace mien::methods::fdrl {
namespace {

/// Square root with gradient 0 at 0.
at::Tensor safe_sqrt(const at::Tensor& x) {
  const at::Tensor positive = x > 0;
  return at::where(positive, at::where(positive, x, at::ones_like(x)).sqrt(), at::zeros_like(x));
}

at::Tensor euclidean(const at::Tensor& g) { return safe_sqrt((g.unsqueeze(2) - g.unsqueeze(1)).square().sum(3)); }

/// 1 - cosine; a message of zeros is at distance 1 from all.
at::Tensor cosine(const at::Tensor& g) {
  const at::Tensor unit = g / safe_sqrt(g.square().sum(2, /*keepdim=*/true)).clamp_min(1e-12);
  return (1 - at::matmul(unit, unit.transpose(1, 2))).clamp_min(0);
}

}  // namespace

at::Tensor apply_to_each(const at::Tensor& x, const StackedLinear& layer) {
  return at::linear(x, layer.weight.flatten(0, 1), layer.bias.flatten())
      .unflatten(1, {layer.weight.size(0), layer.weight.size(1)});
}

at::Tensor apply_one_by_one(const at::Tensor& x, const StackedLinear& layer) {
  return at::einsum("nmi,moi->nmo", {x, layer.weight}) + layer.bias;
}

at::Tensor intra_weights(const at::Tensor& latent, const StackedLinear& layer, bool mean) {
  const at::Tensor gates = at::sigmoid(apply_one_by_one(latent, layer));
  return mean ? gates.mean(2) : gates.sum(2);
}

at::Tensor inter_weights(const at::Tensor& messages, Distance distance) {
  const at::Tensor others = 1 - at::eye(messages.size(1), messages.options().requires_grad(false));
  return at::tanh(distance == Distance::cosine ? cosine(messages) : euclidean(messages)) * others;
}

Reconstruction reconstruct(const FdrlConfig& c, const FdrlLayers& layers, const at::Tensor& basic) {
  Reconstruction r;
  r.expression = basic;
  if (!c.fdn) return r;
  r.latent = at::relu(apply_to_each(basic, layers.decompose));
  r.intra = r.latent;
  if (c.intra) {
    r.intra_weights = intra_weights(r.latent, layers.intra, c.intra_norm == IntraNorm::mean);
    r.intra = r.intra_weights.unsqueeze(2) * r.latent;
  }
  at::Tensor importance = r.intra;
  if (c.inter) {
    r.messages = at::relu(apply_one_by_one(r.intra, layers.inter));
    r.inter_weights = inter_weights(r.messages, c.distance);
    r.inter = at::matmul(r.inter_weights, r.messages);
    importance = (c.skip == Skip::message ? r.messages : r.intra) * c.delta + r.inter * (1 - c.delta);
  }
  r.expression = importance.sum(1);
  return r;
}

at::Tensor latent_maps(const at::Tensor& map, const at::Tensor& latent, const StackedLinear& decompose) {
  const std::int64_t m = decompose.weight.size(0), d = decompose.weight.size(1);
  const at::Tensor cells =
      at::conv2d(map, decompose.weight.flatten(0, 1).unsqueeze(-1).unsqueeze(-1)).unflatten(1, {m, d});
  const at::Tensor active = at::where(latent > 0, at::ones_like(latent), at::zeros_like(latent));
  return (cells * active.unsqueeze(-1).unsqueeze(-1)).sum(2);
}

}  // namespace mien::methods::fdrl
