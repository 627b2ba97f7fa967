// SPDX-License-Identifier: Apache-2.0
// A loss is an ordered list of named terms: logs, plots and golden files see the same names.
#pragma once

#include <string>
#include <vector>

#include "mien/nn/torch.h"

namespace mien::method {

struct LossTerm {
  std::string name;  ///< "cross_entropy", "affinity"
  at::Tensor value;  ///< scalar, float32, differentiable
  double weight = 1;
};
using Losses = std::vector<LossTerm>;

/// Weighted sum of all terms, a scalar. Terms of weight 0 are only monitored and never added.
at::Tensor total(const Losses& losses);

}  // namespace mien::method
