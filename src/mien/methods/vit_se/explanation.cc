// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/vit_se/explanation.h"

#include <cmath>
#include <numbers>

#include "mien/nn/state.h"

namespace mien::methods::vit_se {
namespace {

/// Derivative of a layer norm: gradient (B,K,D) at its output → at its input x (B,D).
at::Tensor through_norm(const torch::nn::LayerNormImpl& norm, const at::Tensor& x, const at::Tensor& gradient) {
  const at::Tensor centred = x - x.mean({-1}, /*keepdim=*/true);
  const at::Tensor deviation = (centred.square().mean({-1}, /*keepdim=*/true) + norm.options.eps()).sqrt();
  const at::Tensor standard = (centred / deviation).unsqueeze(1);
  const at::Tensor scaled = gradient * norm.weight;
  const at::Tensor inner =
      scaled - scaled.mean({-1}, /*keepdim=*/true) - standard * (scaled * standard).mean({-1}, /*keepdim=*/true);
  return inner / deviation.unsqueeze(1);
}

/// d/dx of x Φ(x): Φ(x) + x φ(x).
at::Tensor gelu_slope(const at::Tensor& x) {
  const at::Tensor below = at::erf(x * std::sqrt(0.5)) * 0.5 + 0.5;
  const at::Tensor density = (x.square() * -0.5).exp() * std::sqrt(0.5 / std::numbers::pi);
  return below + x * density;
}

/// ∂ logits / ∂ z (B,K,D) of the head.
at::Tensor through_head(VitSeNetImpl& network, const HeadOutput& head) {
  if (network.gated_head.is_empty()) return network.plain_head->weight.unsqueeze(0);
  ExcitationHeadImpl& gate = *network.gated_head;
  const at::Tensor direct = gate.cls->weight.unsqueeze(0), e = head.excitation;
  const at::Tensor slope = gate.activation == GateActivation::sigmoid ? e * (1 - e) : (e > 0).to(e.scalar_type());
  const at::Tensor at_hidden = at::matmul(direct * (head.features * slope).unsqueeze(1), gate.fc2->weight);
  const at::Tensor open = (head.hidden > 0).to(e.scalar_type()).unsqueeze(1);
  return direct * e.unsqueeze(1) + at::matmul(at_hidden * open, gate.fc1->weight);
}

at::Tensor through_mlp(MlpImpl& mlp, const at::Tensor& hidden, const at::Tensor& gradient) {
  const at::Tensor at_hidden = at::matmul(gradient, mlp.fc2->weight) * gelu_slope(hidden).unsqueeze(1);
  return at::matmul(at_hidden, mlp.fc1->weight);
}

/// Rows of the query, key or value projection (part 0, 1, 2): (D,D).
at::Tensor projection(const AttentionImpl& attention, std::int64_t part) {
  const at::Tensor& all = attention.qkv->weight;
  return all.narrow(0, part * all.size(1), all.size(1));
}

at::Tensor project(const AttentionImpl& attention, std::int64_t part, const at::Tensor& x) {
  const std::int64_t d = attention.qkv->weight.size(1);
  const at::Tensor bias = attention.qkv->bias.defined() ? attention.qkv->bias.narrow(0, part * d, d) : at::Tensor();
  return at::linear(x, projection(attention, part), bias)
      .reshape({x.size(0), x.size(1), attention.heads, d / attention.heads})
      .transpose(1, 2);
}

/// Sum over the patches of ∂ / ∂ u (B,K,D), from the gradient at the joined attended values (B,K,D).
at::Tensor through_attention(AttentionImpl& attention, const ClassTokenPass& p, const at::Tensor& gradient) {
  const std::int64_t batch = gradient.size(0), classes = gradient.size(1);
  const at::Tensor g = gradient.reshape({batch, classes, attention.heads, -1}).transpose(1, 2);  // (B,h,K,D/h)
  const at::Tensor own = p.attention.narrow(3, 0, 1);                                            // a₀ (B,h,1,1)
  const at::Tensor key_sum = own * (g * (p.own_value - p.attended)).sum({-1}, /*keepdim=*/true);
  const at::Tensor at_keys = p.query * key_sum * -attention.scale;
  const at::Tensor at_values = g * (1 - own);
  return at::matmul(AttentionImpl::join(at_keys), projection(attention, 1)) +
         at::matmul(AttentionImpl::join(at_values), projection(attention, 2));
}

/// Start of the power iteration: fixed, so that exports are equal, and not a sum of a few principal directions.
at::Tensor start_vector(std::int64_t n, const at::TensorOptions& options) {
  return nn::formula_input("eigen_cam", "start", {n, 1}).to(options);
}

at::Tensor length(const at::Tensor& x, at::IntArrayRef dims) {
  return x.square().sum(dims, /*keepdim=*/true).sqrt().clamp_min(1e-20);
}

}  // namespace

at::Tensor rollout(const std::vector<at::Tensor>& attention) {
  const auto mean = [](const at::Tensor& a) { return a.mean({1}); };
  const std::int64_t tokens = attention.back().size(3);
  const at::Tensor self = at::eye(1, tokens, attention.back().options());  // class token's row of the identity
  at::Tensor row = (mean(attention.back()).narrow(1, 0, 1) + self) * 0.5;  // (B,1,N); rows of A + I sum to 2
  for (std::size_t i = attention.size() - 1; i-- > 0;) row = (at::matmul(row, mean(attention[i])) + row) * 0.5;
  return row.select(1, 0).narrow(1, 1, tokens - 1);
}

ClassTokenPass class_token_pass(BlockImpl& block, const at::Tensor& tokens) {
  ClassTokenPass p;
  AttentionImpl& attention = *block.attn;
  p.normed = block.norm1->forward(tokens);
  p.query = project(attention, 0, p.normed.narrow(1, 0, 1));
  const at::Tensor key = project(attention, 1, p.normed), value = project(attention, 2, p.normed);
  p.attention = attention.weights(p.query, key);
  p.own_value = value.narrow(2, 0, 1);
  p.attended = at::matmul(p.attention, value);
  p.middle = tokens.select(1, 0) + attention.proj->forward(AttentionImpl::join(p.attended)).select(1, 0);
  p.hidden = block.mlp->fc1->forward(block.norm2->forward(p.middle));
  p.output = p.middle + block.mlp->fc2->forward(at::gelu(p.hidden));
  return p;
}

at::Tensor class_maps(VitSeNetImpl& network, const ClassTokenPass& p, const HeadOutput& head) {
  VisionTransformerImpl& model = *network.model;
  BlockImpl& block = *model.blocks.back();
  const at::Tensor at_output = through_norm(*model.norm, p.output, through_head(network, head));
  const at::Tensor at_middle =
      at_output + through_norm(*block.norm2, p.middle, through_mlp(*block.mlp, p.hidden, at_output));
  const at::Tensor sum = through_attention(*block.attn, p, at::matmul(at_middle, block.attn->proj->weight));
  const std::int64_t patches = model.options.rows() * model.options.columns();
  const at::Tensor cells = p.normed.narrow(1, 1, patches).transpose(1, 2);
  return at::matmul(sum * (1.0 / static_cast<double>(patches)), cells)
      .unflatten(2, {model.options.rows(), model.options.columns()});
}

at::Tensor eigen_cam(const at::Tensor& activations) {
  const at::Tensor centred = activations - activations.mean({1}, /*keepdim=*/true);
  const auto [u, s, v] = at::linalg_svd(centred, /*full_matrices=*/false);
  const at::Tensor projected = u.select(2, 0) * s.narrow(1, 0, 1);
  const at::Tensor largest = projected.gather(1, projected.abs().argmax(1, /*keepdim=*/true));
  return projected * at::sign(largest);
}

at::Tensor eigen_cam_by_powers(const at::Tensor& activations) {
  constexpr int kSquarings = 10;
  const at::Tensor centred = activations - activations.mean({1}, /*keepdim=*/true);
  const at::Tensor products = at::matmul(centred, centred.transpose(1, 2));  // (B,n,n)
  at::Tensor power = products / length(products, {1, 2});
  for (int i = 0; i < kSquarings; ++i) {
    power = at::matmul(power, power);
    power = power / length(power, {1, 2});
  }
  const at::Tensor raw = at::matmul(power, start_vector(products.size(1), products.options()));
  const at::Tensor direction = raw / length(raw, {1});
  const at::Tensor singular = length(at::matmul(centred.transpose(1, 2), direction), {1});
  const at::Tensor projected = (direction * singular).squeeze(2);
  const at::Tensor leans = projected.amax({1}, /*keepdim=*/true) + projected.amin({1}, /*keepdim=*/true);
  return at::where(leans < 0, -projected, projected);
}

}  // namespace mien::methods::vit_se
