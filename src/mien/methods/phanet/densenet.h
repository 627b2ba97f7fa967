// SPDX-License-Identifier: Apache-2.0
// DenseNet (Huang et al. 2017) with its four blocks as four scales (card section 2.1). Keys are torchvision's:
// features.{conv0,norm0}, features.denseblockK.denselayerJ.{norm1,conv1,norm2,conv2}, features.transitionK.{norm,conv},
// features.norm5.
#pragma once

#include <array>
#include <vector>

#include "mien/nn/group.h"

namespace mien::methods::phanet {

struct DenseNetOptions {
  std::int64_t in_channels = 3;
  std::int64_t growth = 32;  ///< channels that a layer appends; its bottleneck has four times as many
  std::int64_t stem = 64;    ///< channels of the stem
  std::array<int, 4> layers{6, 12, 24, 16};
  bool small_stem = false;  ///< 3×3 convolution of stride 2 without a pool, instead of 7×7 and max pooling
};

class DenseLayerImpl : public torch::nn::Module {
 public:
  DenseLayerImpl(std::int64_t in_channels, std::int64_t growth);
  /// x (B,c,h,w) → (B,c+growth,h,w): x followed by the new channels. x itself does not change.
  at::Tensor forward(const at::Tensor& x);

  torch::nn::BatchNorm2d norm1{nullptr}, norm2{nullptr};
  torch::nn::Conv2d conv1{nullptr}, conv2{nullptr};
};
TORCH_MODULE(DenseLayer);

class TransitionImpl : public torch::nn::Module {
 public:
  TransitionImpl(std::int64_t in_channels, std::int64_t out_channels);
  /// (B,c,h,w) → (B,c/2,h/2,w/2)
  at::Tensor forward(const at::Tensor& x);

  torch::nn::BatchNorm2d norm{nullptr};
  torch::nn::Conv2d conv{nullptr};
};
TORCH_MODULE(Transition);

struct DenseNetOutput {
  std::array<at::Tensor, 4> maps;  ///< concatenated features of each block, before any norm; (B,c_k,h_k,w_k)
  at::Tensor pooled;               ///< (B,c_3): mean of the last map after its norm and ReLU
};

class DenseNetImpl : public torch::nn::Module {
 public:
  explicit DenseNetImpl(const DenseNetOptions& options);
  DenseNetOutput forward(const at::Tensor& images);
  /// Channels of the four maps.
  const std::array<std::int64_t, 4>& channels() const { return channels_; }

  nn::Group features{nullptr};

 private:
  bool small_stem_;
  torch::nn::Conv2d conv0_{nullptr};
  torch::nn::BatchNorm2d norm0_{nullptr}, norm5_{nullptr};
  std::array<std::vector<DenseLayer>, 4> blocks_;
  std::vector<Transition> transitions_;
  std::array<std::int64_t, 4> channels_{};
};
TORCH_MODULE(DenseNet);

}  // namespace mien::methods::phanet
