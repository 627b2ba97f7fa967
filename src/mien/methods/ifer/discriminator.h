// SPDX-License-Identifier: Apache-2.0
// Image-inversion discriminator with its momentum twin (card 2.3), and the critic of stage 0 (card 2.6).
#pragma once

#include <vector>

#include "mien/methods/ifer/equalised.h"
#include "mien/methods/ifer/sizes.h"

namespace mien::methods::ifer {

/// Residual block that halves the map. Keys conv1.{0,1}, conv2.{0,1,2}, skip.{0,1}.
class HalvingBlockImpl : public torch::nn::Module {
 public:
  HalvingBlockImpl(std::int64_t in, std::int64_t out);
  /// (N,in,H,W) → (N,out,H/2,W/2)
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Sequential conv1{nullptr}, conv2{nullptr}, skip{nullptr};
};
TORCH_MODULE(HalvingBlock);

/// From pixels to a 4×4 map: keys 0 (1×1 convolution and activation) and 1, 2, ... (halving blocks).
class DiscriminatorTrunkImpl : public torch::nn::Module {
 public:
  explicit DiscriminatorTrunkImpl(const GeneratorSizes& sizes);
  /// (N,3,S,S) → (N,channels[0],4,4)
  at::Tensor forward(const at::Tensor& x);

 private:
  torch::nn::Sequential first_{nullptr};
  std::vector<HalvingBlock> blocks_;
};
TORCH_MODULE(DiscriminatorTrunk);

/// Picture → embedding: trunk, global mean, linear layer.
class EmbedderImpl : public torch::nn::Module {
 public:
  EmbedderImpl(const GeneratorSizes& sizes, std::int64_t embedding);
  /// (N,3,S,S) → (N,embedding)
  at::Tensor forward(const at::Tensor& x);

  DiscriminatorTrunk convs{nullptr};
  torch::nn::Linear lin{nullptr};
};
TORCH_MODULE(Embedder);

class InversionDiscriminatorImpl : public torch::nn::Module {
 public:
  InversionDiscriminatorImpl(const GeneratorSizes& sizes, std::int64_t embedding);

  /// Cosine of q's embedding of `judged`, with gradients, and k's embedding of `source`, without. k is updated from q
  /// between the two, at every call. (N,1), -1..1
  at::Tensor forward(const at::Tensor& judged, const at::Tensor& source);
  /// k ← q.
  void start_twin();

  Embedder model_q{nullptr}, model_k{nullptr};

 private:
  void follow();
};
TORCH_MODULE(InversionDiscriminator);

class CriticImpl : public torch::nn::Module {
 public:
  explicit CriticImpl(const GeneratorSizes& sizes);
  /// (N,3,S,S) → (N,1), unbounded. N must be a multiple of min(N,4).
  at::Tensor forward(const at::Tensor& x);

  DiscriminatorTrunk convs{nullptr};
  torch::nn::Sequential final_conv{nullptr}, final_linear{nullptr};
};
TORCH_MODULE(Critic);

/// x (N,C,H,W) → (N,C+1,H,W): the mean deviation within groups of min(N,4) pictures as one more channel. Throws
/// bad_input if N is not a multiple of the group.
at::Tensor append_batch_deviation(const at::Tensor& x);

}  // namespace mien::methods::ifer
