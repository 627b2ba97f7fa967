// SPDX-License-Identifier: Apache-2.0
// DNFER's network (card section 2): ResNet-18 with one linear classifier. Keys are the reference's without "module.":
// conv1, bn1, layer1 to layer4, classifier.
#pragma once

#include "mien/methods/dnfer/config.h"
#include "mien/nn/resnet.h"

namespace mien::methods::dnfer {

struct DnferOutput {
  at::Tensor features;  ///< (B,D,h,w) of the last stage
  at::Tensor logits;    ///< (B,K) float32
};

class DnferNetImpl : public torch::nn::Module {
 public:
  DnferNetImpl(const DnferConfig& config, std::int64_t num_classes, std::int64_t in_channels);
  /// images (B,C,H,W), H and W >= 32
  DnferOutput forward(const at::Tensor& images);

  /// The trunk as nn::resnet18_features lays it out; shares its weights with the registered parts.
  torch::nn::Sequential features;
  torch::nn::Linear classifier{nullptr};
};
TORCH_MODULE(DnferNet);

/// Section 2: He-normal convolutions (fan-out), norms 1 and 0, LibTorch's default for the classifier.
void initialise(DnferNet& network);

}  // namespace mien::methods::dnfer
