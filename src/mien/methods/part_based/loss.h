// SPDX-License-Identifier: Apache-2.0
// The losses of both stages (card 3) and the baseline that stage 1 is compared with.
#pragma once

#include "mien/methods/part_based/parts.h"
#include "mien/nn/torch.h"

namespace mien::methods::part_based {

/// Selects the landmarks of one part: (B,68,2) in units of the picture's side → (B,2·points): x0, y0, x1, y1, ...
at::Tensor targets_of(Part part, const at::Tensor& landmarks);

/// Mean absolute error over all values, a scalar. Both (B,2·points).
at::Tensor landmark_loss(const at::Tensor& predicted, const at::Tensor& targets);

/// The best constant prediction for these targets (n,2·points): the median of each value (2·points). A network
/// that has learned only the mean shape is as good.
at::Tensor constant_prediction(const at::Tensor& targets);

}  // namespace mien::methods::part_based
