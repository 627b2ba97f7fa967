// SPDX-License-Identifier: Apache-2.0
// Vision Transformer (Dosovitskiy et al. 2021, section 3.1) with timm's names: patch_embed.proj, cls_token, pos_embed,
// blocks.i.{norm1,attn.qkv,attn.proj,norm2,mlp.fc1,mlp.fc2}, norm. There is no dropout: training and inference compute
// the same function.
#pragma once

#include <vector>

#include "mien/nn/torch.h"

namespace mien::methods::vit_se {

struct VitOptions {
  std::int64_t channels = 3;
  std::int64_t height = 224, width = 224;  ///< pixels, multiples of patch
  std::int64_t patch = 16;                 ///< side of a patch in pixels
  std::int64_t dim = 768;                  ///< D
  std::int64_t depth = 8;                  ///< number of blocks
  std::int64_t heads = 8;                  ///< divides dim
  std::int64_t mlp_hidden = 2304;
  bool qkv_bias = false;
  double norm_eps = 1e-5;
  double attention_scale = 0.0360844;  ///< factor of query · key

  std::int64_t rows() const { return height / patch; }
  std::int64_t columns() const { return width / patch; }
  std::int64_t tokens() const { return 1 + rows() * columns(); }  ///< N: the class token, then the patches row by row
};

/// Cuts the picture into patches and maps each of them to a token.
class PatchEmbeddingImpl : public torch::nn::Module {
 public:
  explicit PatchEmbeddingImpl(const VitOptions& options);
  /// (B,C,H,W) → (B,N-1,D), row by row
  at::Tensor forward(const at::Tensor& images);

  torch::nn::Conv2d proj{nullptr};
};
TORCH_MODULE(PatchEmbedding);

/// Multi-head self-attention: softmax(scale · q kᵀ) v. The softmax runs in float32 under mixed precision.
class AttentionImpl : public torch::nn::Module {
 public:
  explicit AttentionImpl(const VitOptions& options);
  struct Parts {
    at::Tensor query, key, value;  ///< (B,h,N,D/h)
  };
  /// x (B,N,D) → (B,N,D), without storing the attention.
  at::Tensor forward(const at::Tensor& x);
  Parts split(const at::Tensor& x);
  /// query (B,h,n,D/h), key (B,h,N,D/h) → (B,h,n,N), rows sum to 1
  at::Tensor weights(const at::Tensor& query, const at::Tensor& key) const;
  /// Concatenates the heads: (B,h,n,D/h) → (B,n,D)
  static at::Tensor join(const at::Tensor& heads);

  torch::nn::Linear qkv{nullptr}, proj{nullptr};
  const std::int64_t heads;
  const double scale;
};
TORCH_MODULE(Attention);

class MlpImpl : public torch::nn::Module {
 public:
  explicit MlpImpl(const VitOptions& options);
  /// Linear, GELU (exact, by erf), linear; any shape (...,D)
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Linear fc1{nullptr}, fc2{nullptr};
};
TORCH_MODULE(Mlp);

/// x + attn(norm1(x)), then x + mlp(norm2(x)).
class BlockImpl : public torch::nn::Module {
 public:
  explicit BlockImpl(const VitOptions& options);
  struct Trace {
    at::Tensor normed;     ///< output of norm1 (B,N,D)
    at::Tensor attention;  ///< (B,h,N,N)
    at::Tensor tokens;     ///< output of the block (B,N,D)
  };
  at::Tensor forward(const at::Tensor& x);  ///< (B,N,D) → (B,N,D)
  Trace trace(const at::Tensor& x);         ///< the same function with its intermediate values

  torch::nn::LayerNorm norm1{nullptr}, norm2{nullptr};
  Attention attn{nullptr};
  Mlp mlp{nullptr};
};
TORCH_MODULE(Block);

struct VitTrace {
  at::Tensor embedded;  ///< tokens before the first block (B,N,D)
  std::vector<BlockImpl::Trace> blocks;
  at::Tensor features;  ///< z (B,D)
};

class VisionTransformerImpl : public torch::nn::Module {
 public:
  explicit VisionTransformerImpl(const VitOptions& options);
  /// images (B,C,H,W) of exactly the options' size → normalised class token z (B,D)
  at::Tensor forward(const at::Tensor& images);
  VitTrace trace(const at::Tensor& images);
  /// The class token followed by the patch tokens, positions added: (B,C,H,W) → (B,N,D)
  at::Tensor embed(const at::Tensor& images);

  const VitOptions options;
  at::Tensor cls_token;  ///< (1,1,D)
  at::Tensor pos_embed;  ///< (1,N,D)
  PatchEmbedding patch_embed{nullptr};
  std::vector<Block> blocks;
  torch::nn::LayerNorm norm{nullptr};

 private:
  at::Tensor class_token(const at::Tensor& tokens);
};
TORCH_MODULE(VisionTransformer);

/// From scratch (card 2.4): class token, position embedding and linear weights N(0, 0.02²), biases 0, norms 1 and 0,
/// the patch convolution by LibTorch's default.
void initialise(VisionTransformer& network);

}  // namespace mien::methods::vit_se
