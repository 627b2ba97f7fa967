// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/style_head.h"

#include "mien/methods/ifer/reduction.h"
#include "mien/nn/window_attention.h"

namespace mien::methods::ifer {

StyleBlockImpl::StyleBlockImpl(std::int64_t channels, std::int64_t window) : window_(window) {
  norm1 = register_module("norm1", torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels})));
  attn = register_module("attn", WindowAttention(WindowAttentionOptions{channels, 1, window, Attention::local}));
  mlp = register_module("mlp", Mlp(channels, 2 * channels));
}

at::Tensor StyleBlockImpl::forward(const at::Tensor& in) {
  const at::Tensor map = to_nhwc(in);
  const at::Tensor attended = attn->forward(nn::split_windows(norm1->forward(map), window_), {});
  const at::Tensor x = map + nn::join_windows(attended, window_, map.size(1), map.size(2));
  return to_nchw(x + mlp->forward(x));
}

StyleHeadImpl::StyleHeadImpl(const StyleHeadOptions& o) {
  blocks = torch::nn::Sequential();
  std::int64_t side = o.side;
  const auto halve = [&] {
    blocks->push_back(torch::nn::Conv2d(torch::nn::Conv2dOptions(o.channels, o.channels, 3).stride(2).padding(1)));
    blocks->push_back(torch::nn::LeakyReLU());
    side /= 2;
  };
  halve();
  while (side > 1) {
    if (o.kind == StyleHeadKind::convolution || side < o.window) {
      halve();
      continue;
    }
    blocks->push_back(StyleBlock(o.channels, o.window));
    blocks->push_back(torch::nn::MaxPool2d(torch::nn::MaxPool2dOptions(2)));
    side /= 2;
  }
  register_module("blocks", blocks);
  linear = register_module("linear", EqualLinear(EqualLinearOptions{o.channels, o.channels}));
}

at::Tensor StyleHeadImpl::forward(const at::Tensor& x) { return linear->forward(blocks->forward(x).flatten(1)); }

}  // namespace mien::methods::ifer
