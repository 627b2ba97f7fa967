// SPDX-License-Identifier: Apache-2.0
// One latent code from a map (card 2.1, style head): the map is halved until one cell is left.
#pragma once

#include <array>

#include "mien/methods/ifer/attention.h"
#include "mien/methods/ifer/equalised.h"

namespace mien::methods::ifer {

/// Halves the map while it is at least as large as a window: attention with max pooling, or only convolutions (an
/// older form of the authors').
enum class StyleHeadKind { attention, convolution };
constexpr auto words_of(StyleHeadKind) { return std::array{"attention", "conv"}; }

struct StyleHeadOptions {
  std::int64_t channels = 512, side = 16, window = 8;
  StyleHeadKind kind = StyleHeadKind::attention;
};

/// x + attention(norm x) with one head, then x + mlp(x); (N,C,H,W). No norm before the second part.
class StyleBlockImpl : public torch::nn::Module {
 public:
  StyleBlockImpl(std::int64_t channels, std::int64_t window);
  at::Tensor forward(const at::Tensor& x);

  torch::nn::LayerNorm norm1{nullptr};
  WindowAttention attn{nullptr};
  Mlp mlp{nullptr};

 private:
  std::int64_t window_;
};
TORCH_MODULE(StyleBlock);

class StyleHeadImpl : public torch::nn::Module {
 public:
  explicit StyleHeadImpl(const StyleHeadOptions& options);
  /// (N,C,side,side) → (N,C)
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Sequential blocks{nullptr};
  EqualLinear linear{nullptr};
};
TORCH_MODULE(StyleHead);

}  // namespace mien::methods::ifer
