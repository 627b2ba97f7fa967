// SPDX-License-Identifier: Apache-2.0
// One sub-network (card 2.2): a convolutional body over the whole face, a head that regresses the landmarks of one
// part, and a head for the expression. Keys: features.conv1, features.bn1, ..., landmarks.fc1, expression.fc1, ...
#pragma once

#include <vector>

#include "mien/nn/torch.h"

namespace mien::methods::part_based {

struct SubNetworkOptions {
  std::int64_t channels = 3;
  std::int64_t width = 16;      ///< channels of the first two layers; the features have 8 × width
  std::int64_t num_points = 0;  ///< number of landmarks of the part
  std::int64_t num_classes = 7;
  std::int64_t landmark_layers = 2;  ///< linear layers of the landmark head
  double norm_momentum = 0.01;       ///< share of a batch in the running statistics

  std::int64_t features() const { return 8 * width; }  ///< D
};

inline constexpr std::int64_t kBodyLayers = 8;
inline constexpr std::int64_t kPoolings = 4;  ///< one after every second layer, each halves the size

/// 3×3, stride 2, "same" as in Keras for even sizes: one line at the bottom and the right. A padding of 1 on all sides
/// would shift every window by a pixel. (B,C,H,W) → (B,C,H/2,W/2)
at::Tensor pool(const at::Tensor& x);

class BodyImpl : public torch::nn::Module {
 public:
  explicit BodyImpl(const SubNetworkOptions& options);
  /// images (B,C,H,W), H and W multiples of 16 → ReLU output of layer 8 (B,D,H/8,W/8)
  at::Tensor activations(const at::Tensor& images);
  /// f (B,D): the activations, pooled once more and averaged.
  at::Tensor forward(const at::Tensor& images);

  std::vector<torch::nn::Conv2d> convolutions;  ///< registered as conv1 to conv8, 3×3 with bias
  std::vector<torch::nn::BatchNorm2d> norms;    ///< registered as bn1 to bn8, eps 1e-3
};
TORCH_MODULE(Body);

/// Mean over the cells of the last pooling: (B,D,h,w) → f (B,D).
at::Tensor features_of(const at::Tensor& activations);

/// x → weight · x + bias.
struct Affine {
  at::Tensor weight, bias;
};

/// Linear layers fc1, fc2, ... without activation between them: equivalent to one linear layer, but it trains
/// differently.
class LinearChainImpl : public torch::nn::Module {
 public:
  explicit LinearChainImpl(const std::vector<std::int64_t>& sizes);
  at::Tensor forward(const at::Tensor& x);
  Affine fused() const;  ///< the single layer equivalent to the chain

  std::vector<torch::nn::Linear> layers;
};
TORCH_MODULE(LinearChain);

class SubNetworkImpl : public torch::nn::Module {
 public:
  explicit SubNetworkImpl(const SubNetworkOptions& options);

  Body features{nullptr};
  LinearChain landmarks{nullptr};   ///< f → x0, y0, x1, y1, ... in units of the picture's side (B,2·points)
  LinearChain expression{nullptr};  ///< f → logits (B,K)
};
TORCH_MODULE(SubNetwork);

/// Keras's initialisation (card 2.2): He-uniform convolutions, Glorot-uniform linear layers, biases 0, norms 1 and 0.
void initialise(SubNetwork& network);

}  // namespace mien::methods::part_based
