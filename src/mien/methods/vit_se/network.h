// SPDX-License-Identifier: Apache-2.0
// ViT-SE's network (card 2): a Vision Transformer ("model.*") and a head on its normalised class token ("head.*"). The
// head is an excitation gate and a classifier (head.fc1, head.fc2, head.cls), or for the plain ViT one linear layer
// (head.weight, head.bias).
#pragma once

#include "mien/methods/vit_se/config.h"
#include "mien/methods/vit_se/vision_transformer.h"

namespace mien::methods::vit_se {

/// Output of the head for the class token z.
struct HeadOutput {
  at::Tensor features;    ///< z itself (B,D)
  at::Tensor logits;      ///< (B,K)
  at::Tensor hidden;      ///< (B,D/r) after the ReLU; like the next two undefined without the gate
  at::Tensor excitation;  ///< gate e (B,D)
  at::Tensor gated;       ///< z ⊙ e (B,D)
};

/// e = act(W₂ relu(W₁ z + b₁) + b₂), logits = W (z ⊙ e) + b. There is no residual and no squeeze: the class
/// token is already the pooled vector.
class ExcitationHeadImpl : public torch::nn::Module {
 public:
  ExcitationHeadImpl(std::int64_t dim, std::int64_t hidden, std::int64_t num_classes, GateActivation activation);
  HeadOutput forward(const at::Tensor& z);  ///< z (B,D)

  torch::nn::Linear fc1{nullptr}, fc2{nullptr}, cls{nullptr};
  const GateActivation activation;
};
TORCH_MODULE(ExcitationHead);

class VitSeNetImpl : public torch::nn::Module {
 public:
  VitSeNetImpl(const VitSeConfig& config, const VitOptions& options, std::int64_t num_classes);
  /// images (B,C,H,W) of the options' size
  HeadOutput forward(const at::Tensor& images);
  HeadOutput run_head(const at::Tensor& z);

  VisionTransformer model{nullptr};
  ExcitationHead gated_head{nullptr};     ///< registered as "head"; null for the plain ViT
  torch::nn::Linear plain_head{nullptr};  ///< registered as "head"; null with the gate
};
TORCH_MODULE(VitSeNet);

/// The transformer by vit_se::initialise, the head by LibTorch's default for linear layers.
void initialise(VitSeNet& network);

}  // namespace mien::methods::vit_se
