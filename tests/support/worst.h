// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/types.h>

#include <vector>

namespace mien::testing {

/// The largest difference between two tensors.
inline double worst(const at::Tensor& a, const at::Tensor& b) {
  return (a.detach() - b.detach()).abs().max().item<double>();
}

/// The same for a tensor and numbers in row-major order.
inline double worst(const at::Tensor& a, const std::vector<double>& b) {
  return worst(a.flatten().to(at::kDouble), torch::tensor(b, at::kDouble));
}

}  // namespace mien::testing
