// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/attention.h"

#include "mien/nn/window_attention.h"

namespace mien::methods::ifer {
namespace {

/// Stochastic depth: drops the branch of whole pictures and scales the others up.
at::Tensor drop_path(const at::Tensor& x, double rate, bool training) {
  if (rate <= 0 || !training) return x;
  const at::Tensor kept = at::empty({x.size(0), 1, 1, 1}, x.options()).bernoulli_(1 - rate);
  return x * (kept / (1 - rate));
}

}  // namespace

at::Tensor lay_out_queries(const at::Tensor& map, std::int64_t windows, std::int64_t heads, GlobalQuery layout) {
  const std::int64_t channels = map.size(1), tokens = map.size(2) * map.size(3), width = channels / heads;
  if (layout == GlobalQuery::corrected)
    return map.reshape({-1, heads, width, tokens}).transpose(2, 3).repeat_interleave(windows, 0);
  const at::Tensor viewed = map.contiguous().view({-1, heads, tokens, width});
  if (layout == GlobalQuery::per_face) return viewed.repeat_interleave(windows, 0);
  return viewed.repeat({windows, 1, 1, 1});
}

WindowAttentionImpl::WindowAttentionImpl(const WindowAttentionOptions& o) : options_(o) {
  const std::int64_t span = 2 * o.window - 1;
  relative_position_bias_table =
      register_parameter("relative_position_bias_table", torch::zeros({span * span, o.heads}));
  relative_position_index = register_buffer("relative_position_index", nn::relative_position_index(o.window));
  const std::int64_t parts = o.kind == Attention::local ? 3 : 2;
  qkv = register_module("qkv", torch::nn::Linear(o.channels, parts * o.channels));
  proj = register_module("proj", torch::nn::Linear(o.channels, o.channels));
}

at::Tensor WindowAttentionImpl::forward(const at::Tensor& windows, const at::Tensor& queries) {
  const auto parts = qkv->forward(windows).split(options_.channels, -1);
  const auto heads = [&](std::size_t i) { return nn::split_heads(parts[i], options_.heads); };
  const at::Tensor bias = nn::relative_position_bias(relative_position_bias_table, relative_position_index);
  const bool local = options_.kind == Attention::local;
  const at::Tensor q = local ? heads(0) : queries;
  const at::Tensor k = heads(local ? 1 : 0), v = heads(local ? 2 : 1);
  return proj->forward(nn::window_attention(q, k, v, bias));
}

MlpImpl::MlpImpl(std::int64_t channels, std::int64_t hidden) {
  fc1 = register_module("fc1", torch::nn::Linear(channels, hidden));
  fc2 = register_module("fc2", torch::nn::Linear(hidden, channels));
}

at::Tensor MlpImpl::forward(const at::Tensor& x) { return fc2->forward(at::gelu(fc1->forward(x))); }

BlockImpl::BlockImpl(const BlockOptions& o) : options_(o) {
  const std::int64_t c = o.attention.channels;
  gamma1 = register_parameter("gamma1", torch::full({c}, o.layer_scale));
  gamma2 = register_parameter("gamma2", torch::full({c}, o.layer_scale));
  norm1 = register_module("norm1", torch::nn::LayerNorm(torch::nn::LayerNormOptions({c})));
  attn = register_module("attn", WindowAttention(o.attention));
  norm2 = register_module("norm2", torch::nn::LayerNorm(torch::nn::LayerNormOptions({c})));
  mlp = register_module("mlp", Mlp(c, 2 * c));
}

at::Tensor BlockImpl::forward(const at::Tensor& in, const at::Tensor& queries) {
  const std::int64_t w = options_.attention.window;
  const at::Tensor attended = attn->forward(nn::split_windows(norm1->forward(in), w), queries);
  const at::Tensor joined = nn::join_windows(attended, w, in.size(1), in.size(2));
  const at::Tensor x = in + drop_path(gamma1 * joined, options_.drop_path, is_training());
  return x + drop_path(gamma2 * mlp->forward(norm2->forward(x)), options_.drop_path, is_training());
}

}  // namespace mien::methods::ifer
