// SPDX-License-Identifier: Apache-2.0
// Face recognition network of the identity loss: IR-SE50 (card 2.5). Used, never trained.
#pragma once

#include <array>
#include <vector>

#include "mien/nn/torch.h"

namespace mien::methods::ifer {

/// Squeeze and excitation of IR-SE50; keys fc1, fc2.
class IdentityGateImpl : public torch::nn::Module {
 public:
  explicit IdentityGateImpl(std::int64_t channels);
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Conv2d fc1{nullptr}, fc2{nullptr};
};
TORCH_MODULE(IdentityGate);

/// Residual unit; keys shortcut_layer.{0,1}, res_layer.{0..5}.
class IdentityUnitImpl : public torch::nn::Module {
 public:
  IdentityUnitImpl(std::int64_t in, std::int64_t depth, std::int64_t stride);
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Sequential shortcut_layer{nullptr}, res_layer{nullptr};
};
TORCH_MODULE(IdentityUnit);

class IrSe50Impl : public torch::nn::Module {
 public:
  IrSe50Impl();
  /// (N,3,112,112) in -1..1 → (N,512), of length 1
  at::Tensor forward(const at::Tensor& x);

  torch::nn::Sequential input_layer{nullptr}, output_layer{nullptr};
  std::vector<IdentityUnit> body;
};
TORCH_MODULE(IrSe50);

/// Cuts the face out of pictures in -1..1 and compares features. Keys facenet.*
class IdentityNetworkImpl : public torch::nn::Module {
 public:
  /// First and last row (column) + 1 of the face within the picture.
  IdentityNetworkImpl(std::array<std::int64_t, 2> rows, std::array<std::int64_t, 2> columns);
  /// (N,3,S,S) → (N,512), of length 1
  at::Tensor features(const at::Tensor& images);

  IrSe50 facenet{nullptr};

 private:
  std::array<std::int64_t, 2> rows_, columns_;
};
TORCH_MODULE(IdentityNetwork);

}  // namespace mien::methods::ifer
