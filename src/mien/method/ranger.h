// SPDX-License-Identifier: Apache-2.0
// Ranger: rectified Adam (Liu et al. 2020) with lookahead (Zhang et al. 2019) and centred gradients (Yong et al. 2020).
#pragma once

#include "mien/nn/torch.h"

namespace mien::method {

struct RangerRates {
  double rate = 1e-3;
  double beta1 = 0.95, beta2 = 0.999, eps = 1e-5;
  double decay = 0;  ///< decoupled weight decay
};

/// State of one parameter; `slow` starts at the parameter's value, the moments at 0.
struct RangerState {
  at::Tensor first, second, slow;
};

/// Factor of the first moment in step t, which counts from 1: RAdam's rectification and the correction of both moments.
/// 0 while the variance of the second moment cannot be rectified (N_t <= 5): those steps leave the second moment out.
double ranger_rectification(double beta1, double beta2, std::int64_t t);

/// One update in place. For gradients with two or more axes, the mean over all axes but the first is subtracted before
/// anything else, also in place. Every sixth step moves `slow` halfway to the parameter, which takes its value.
void ranger_update(at::Tensor& parameter, at::Tensor gradient, RangerState& state, const RangerRates& rates,
                   std::int64_t t);

}  // namespace mien::method
