// SPDX-License-Identifier: Apache-2.0
// Window attention of the encoder: local with its own queries, or global with queries that a level computes once for
// all of its windows (card 2.1).
#pragma once

#include <array>

#include "mien/nn/torch.h"

namespace mien::methods::ifer {

/// Layout of the global query. The published weights need the first: it interprets the map's memory as another shape
/// and gives window i of a batch the query of picture i mod N, so that the pictures of a batch depend on each other.
enum class GlobalQuery {
  reference,  ///< as the authors' code
  per_face,   ///< the same memory layout, but each window uses the query of its own picture: as `reference` for
              ///< a batch of one
  corrected,  ///< channels as channels, each window uses the query of its own picture
};
constexpr auto words_of(GlobalQuery) { return std::array{"reference", "per-face", "corrected"}; }

/// map (N,C,w,w) → queries (N·windows, heads, w², C/heads)
at::Tensor lay_out_queries(const at::Tensor& map, std::int64_t windows, std::int64_t heads, GlobalQuery layout);

enum class Attention { local, global };

struct WindowAttentionOptions {
  std::int64_t channels = 1, heads = 1, window = 1;
  Attention kind = Attention::local;
};

class WindowAttentionImpl : public torch::nn::Module {
 public:
  explicit WindowAttentionImpl(const WindowAttentionOptions& options);
  /// windows (B,w²,C) → the same; queries (B,heads,w²,C/heads) for global attention, otherwise undefined.
  at::Tensor forward(const at::Tensor& windows, const at::Tensor& queries);

  at::Tensor relative_position_bias_table, relative_position_index;
  torch::nn::Linear qkv{nullptr}, proj{nullptr};

 private:
  WindowAttentionOptions options_;
};
TORCH_MODULE(WindowAttention);

/// Linear, GELU, linear. Keys fc1, fc2.
class MlpImpl : public torch::nn::Module {
 public:
  MlpImpl(std::int64_t channels, std::int64_t hidden);
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Linear fc1{nullptr}, fc2{nullptr};
};
TORCH_MODULE(Mlp);

struct BlockOptions {
  WindowAttentionOptions attention;
  double layer_scale = 1e-5;
  double drop_path = 0;
};

/// x + γ1 · attention(norm x), then x + γ2 · mlp(norm x); (N,H,W,C)
class BlockImpl : public torch::nn::Module {
 public:
  explicit BlockImpl(const BlockOptions& options);
  at::Tensor forward(const at::Tensor& x, const at::Tensor& queries);

  at::Tensor gamma1, gamma2;
  torch::nn::LayerNorm norm1{nullptr}, norm2{nullptr};
  WindowAttention attn{nullptr};
  Mlp mlp{nullptr};

 private:
  BlockOptions options_;
};
TORCH_MODULE(Block);

}  // namespace mien::methods::ifer
