// SPDX-License-Identifier: Apache-2.0
// ResNet-18 without pooling and classifier (He et al. 2016, table 1), as torchvision lays it out.
#pragma once

#include "mien/nn/basic_block.h"
#include "mien/nn/state.h"

namespace mien::nn {

struct ResNet18Options {
  std::int64_t in_channels = 3;
  std::int64_t width = 64;  ///< channels of the first stage; the last has 8 × width
};

/// A sequence of basic blocks; a Sequential that can be nested in another one.
class ResNetStageImpl : public torch::nn::SequentialImpl {
 public:
  using torch::nn::SequentialImpl::SequentialImpl;
  at::Tensor forward(const at::Tensor& x) { return torch::nn::SequentialImpl::forward(x); }
};
TORCH_MODULE(ResNetStage);

/// Children "0" conv 7×7/2, "1" batch norm, "2" ReLU, "3" max pool 3×3/2, "4".."7" two basic blocks each.
/// (B,C,H,W) → (B, 8·width, H/32, W/32), sizes rounded up.
torch::nn::Sequential resnet18_features(const ResNet18Options& options);

/// Cell i of the features is centred on input pixel 32 i, whose centre is at 32 i + 0.5: every layer is padded
/// evenly.
inline constexpr float kResNetCellStride = 32, kResNetCellFirst = 0.5f;

/// torchvision's ResNet names (conv1, bn1, layer1 to layer4) → the children above; fc is dropped.
nn::RenameRules torchvision_resnet_names();

/// The same, or the checkpoint of a mien run whose network keeps the children above in "features." or "backbone.".
nn::RenameRules backbone_names();
/// The help text of init.backbone.
inline constexpr const char* kBackboneHelp =
    "file (.safetensors, .pth) with a ResNet-18 with torchvision's names, or best.safetensors of a run; empty: "
    "He-normal initialisation";

/// He-normal (fan-out, gain √2) for every convolution, biases 0, batch norms 1 and 0.
void init_he_fan_out(torch::nn::Module& module);

}  // namespace mien::nn
