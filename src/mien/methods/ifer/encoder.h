// SPDX-License-Identifier: Apache-2.0
// The Adversarial Style Inversion Transformer: face → latent codes and structure code (card 2.1). Keys are those of the
// published checkpoints without their prefix "encoder." or "feature_model.".
#pragma once

#include <vector>

#include "mien/methods/ifer/attention.h"
#include "mien/methods/ifer/reduction.h"
#include "mien/methods/ifer/sizes.h"
#include "mien/methods/ifer/style_head.h"

namespace mien::methods::ifer {

struct EncoderOptions {
  EncoderSizes sizes;
  double layer_scale = 1e-5;
  double drop_path = 0.5;  ///< of the last block; rises linearly from 0
  GlobalQuery global_query = GlobalQuery::reference;
  StyleHeadKind style_head = StyleHeadKind::attention;
};

struct EncoderOutput {
  at::Tensor codes;                  ///< (N,num_codes,C), before the mean code is added
  at::Tensor structure;              ///< (N,C,4,4)
  std::vector<at::Tensor> features;  ///< three maps (N,C,s,s), the largest first; empty unless requested
  std::vector<at::Tensor> levels;    ///< inputs of the levels (N,C,s,s); the first three are c1, c2, c3
  std::vector<at::Tensor> queries;   ///< global queries of the levels (N,C,w,w)
};

class PatchEmbedImpl : public torch::nn::Module {
 public:
  explicit PatchEmbedImpl(const EncoderSizes& sizes);
  /// (N,3,S,S) → (N,s,s,dim)
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Conv2d proj{nullptr};
  ReduceSize conv_down{nullptr};
};
TORCH_MODULE(PatchEmbed);

struct LevelOutput {
  at::Tensor map;      ///< (N,H,W,C), halved with twice the channels except after the last level
  at::Tensor queries;  ///< (N,C,w,w)
};

class LevelImpl : public torch::nn::Module {
 public:
  LevelImpl(const EncoderOptions& options, std::size_t level);
  /// x (N,H,W,C)
  LevelOutput forward(const at::Tensor& x, GlobalQuery layout);

  std::vector<FeatureExtraction> to_q_global;
  std::vector<Block> blocks;
  ReduceSize downsample{nullptr};  ///< null for the last level

 private:
  std::int64_t heads_, window_;
};
TORCH_MODULE(Level);

enum class EncoderFeatures { none, all };

class EncoderImpl : public torch::nn::Module {
 public:
  explicit EncoderImpl(const EncoderOptions& options);
  /// images (N,3,S,S) in -1..1. Throws bad_input for another size.
  EncoderOutput forward(const at::Tensor& images, EncoderFeatures features = EncoderFeatures::none);

  const EncoderSizes& sizes() const { return options_.sizes; }
  GlobalQuery global_query() const { return options_.global_query; }
  void set_global_query(GlobalQuery layout) { options_.global_query = layout; }

  PatchEmbed patch_embed{nullptr};
  std::vector<Level> levels;
  torch::nn::Conv2d last_block{nullptr}, latlayer1{nullptr}, latlayer2{nullptr};
  std::vector<torch::nn::Conv2d> convs;  ///< of the features
  std::vector<StyleHead> styles;

 private:
  EncoderOptions options_;
};
TORCH_MODULE(Encoder);

}  // namespace mien::methods::ifer
