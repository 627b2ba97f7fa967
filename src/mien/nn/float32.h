// SPDX-License-Identifier: Apache-2.0
// Parts of a network that stay in float32 while the rest runs in mixed precision.
#pragma once

#include "mien/nn/torch.h"

namespace mien::nn {

/// Operators run in float32 during its lifetime, also within an Autocast. The caller casts the inputs.
class Float32 {
 public:
  explicit Float32(at::DeviceType device) : device_(device), was_enabled_(at::autocast::is_autocast_enabled(device)) {
    at::autocast::set_autocast_enabled(device_, false);
  }
  ~Float32() { at::autocast::set_autocast_enabled(device_, was_enabled_); }
  Float32(const Float32&) = delete;
  Float32& operator=(const Float32&) = delete;

 private:
  at::DeviceType device_;
  bool was_enabled_;
};

/// float32 if the tensor has lower precision, as in mixed precision; float64 stays.
inline at::Tensor at_least_float32(const at::Tensor& x) {
  return x.scalar_type() == at::kDouble ? x : x.to(at::kFloat);
}

}  // namespace mien::nn
