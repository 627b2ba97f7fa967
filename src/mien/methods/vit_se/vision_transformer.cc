// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/vit_se/vision_transformer.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/nn/float32.h"
#include "mien/nn/shape_text.h"

namespace mien::methods::vit_se {
namespace {

torch::nn::LayerNorm layer_norm(const VitOptions& o) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({o.dim}).eps(o.norm_eps));
}

}  // namespace

PatchEmbeddingImpl::PatchEmbeddingImpl(const VitOptions& o) {
  proj =
      register_module("proj", torch::nn::Conv2d(torch::nn::Conv2dOptions(o.channels, o.dim, o.patch).stride(o.patch)));
}

at::Tensor PatchEmbeddingImpl::forward(const at::Tensor& images) {
  return proj->forward(images).flatten(2).transpose(1, 2);
}

AttentionImpl::AttentionImpl(const VitOptions& o) : heads(o.heads), scale(o.attention_scale) {
  qkv = register_module("qkv", torch::nn::Linear(torch::nn::LinearOptions(o.dim, 3 * o.dim).bias(o.qkv_bias)));
  proj = register_module("proj", torch::nn::Linear(o.dim, o.dim));
}

AttentionImpl::Parts AttentionImpl::split(const at::Tensor& x) {
  const std::int64_t per_head = x.size(2) / heads;
  const at::Tensor all = qkv->forward(x).reshape({x.size(0), x.size(1), 3, heads, per_head}).permute({2, 0, 3, 1, 4});
  return {all.select(0, 0), all.select(0, 1), all.select(0, 2)};
}

at::Tensor AttentionImpl::weights(const at::Tensor& query, const at::Tensor& key) const {
  return at::softmax(nn::at_least_float32(at::matmul(query * scale, key.transpose(2, 3))), -1);
}

at::Tensor AttentionImpl::join(const at::Tensor& per_head) { return per_head.transpose(1, 2).flatten(2); }

at::Tensor AttentionImpl::forward(const at::Tensor& x) {
  const Parts p = split(x);
  return proj->forward(
      join(at::scaled_dot_product_attention(p.query, p.key, p.value, {}, 0.0, /*is_causal=*/false, scale)));
}

MlpImpl::MlpImpl(const VitOptions& o) {
  fc1 = register_module("fc1", torch::nn::Linear(o.dim, o.mlp_hidden));
  fc2 = register_module("fc2", torch::nn::Linear(o.mlp_hidden, o.dim));
}

at::Tensor MlpImpl::forward(const at::Tensor& x) { return fc2->forward(at::gelu(fc1->forward(x))); }

BlockImpl::BlockImpl(const VitOptions& o) {
  norm1 = register_module("norm1", layer_norm(o));
  attn = register_module("attn", Attention(o));
  norm2 = register_module("norm2", layer_norm(o));
  mlp = register_module("mlp", Mlp(o));
}

at::Tensor BlockImpl::forward(const at::Tensor& x) {
  const at::Tensor attended = x + attn->forward(norm1->forward(x));
  return attended + mlp->forward(norm2->forward(attended));
}

BlockImpl::Trace BlockImpl::trace(const at::Tensor& x) {
  Trace t;
  t.normed = norm1->forward(x);
  const AttentionImpl::Parts p = attn->split(t.normed);
  t.attention = attn->weights(p.query, p.key);
  const at::Tensor attended = x + attn->proj->forward(AttentionImpl::join(at::matmul(t.attention, p.value)));
  t.tokens = attended + mlp->forward(norm2->forward(attended));
  return t;
}

VisionTransformerImpl::VisionTransformerImpl(const VitOptions& o) : options(o) {
  cls_token = register_parameter("cls_token", at::zeros({1, 1, o.dim}));
  pos_embed = register_parameter("pos_embed", at::zeros({1, o.tokens(), o.dim}));
  patch_embed = register_module("patch_embed", PatchEmbedding(o));
  torch::nn::ModuleList list;
  for (std::int64_t i = 0; i < o.depth; ++i) {
    blocks.push_back(Block(o));
    list->push_back(blocks.back());
  }
  register_module("blocks", list);
  norm = register_module("norm", layer_norm(o));
}

at::Tensor VisionTransformerImpl::embed(const at::Tensor& images) {
  check_input(images.dim() == 4 && images.size(2) == options.height && images.size(3) == options.width,
              fmt::format("The network needs pictures of {}×{} pixels, got {}.", options.width, options.height,
                          nn::shape_text(images.sizes())),
              "Resize the pictures, or build the network for this size.");
  const at::Tensor patches = patch_embed->forward(images);
  return at::cat({cls_token.expand({images.size(0), 1, options.dim}), patches}, 1) + pos_embed;
}

at::Tensor VisionTransformerImpl::class_token(const at::Tensor& tokens) {
  return norm->forward(tokens.select(1, 0));  // the norm is computed per token
}

at::Tensor VisionTransformerImpl::forward(const at::Tensor& images) {
  at::Tensor x = embed(images);
  for (auto& block : blocks) x = block->forward(x);
  return class_token(x);
}

VitTrace VisionTransformerImpl::trace(const at::Tensor& images) {
  VitTrace t;
  t.embedded = embed(images);
  for (auto& block : blocks) t.blocks.push_back(block->trace(t.blocks.empty() ? t.embedded : t.blocks.back().tokens));
  t.features = class_token(t.blocks.empty() ? t.embedded : t.blocks.back().tokens);
  return t;
}

void initialise(VisionTransformer& network) {
  const torch::NoGradGuard no_grad;
  constexpr double kStd = 0.02;  // timm truncates the normal distribution at ±2, a hundred standard deviations away
  network->cls_token.normal_(0, kStd);
  network->pos_embed.normal_(0, kStd);
  for (const auto& module : network->modules()) {
    if (auto* linear = module->as<torch::nn::Linear>()) {
      linear->weight.normal_(0, kStd);
      if (linear->bias.defined()) linear->bias.zero_();
    } else if (auto* norm = module->as<torch::nn::LayerNorm>()) {
      norm->reset_parameters();
    } else if (auto* conv = module->as<torch::nn::Conv2d>()) {
      conv->reset_parameters();
    }
  }
}

}  // namespace mien::methods::vit_se
