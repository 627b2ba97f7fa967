// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/part_based/loss.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/nn/float32.h"
#include "mien/nn/shape_text.h"

namespace mien::methods::part_based {

at::Tensor targets_of(Part part, const at::Tensor& landmarks) {
  check_input(
      landmarks.defined() && landmarks.dim() == 3 && landmarks.size(1) == kPoints && landmarks.size(2) == 2,
      fmt::format("Landmarks must be (B,{},2), got {}.", kPoints,
                  landmarks.defined() ? fmt::format("{}", nn::shape_text(landmarks.sizes())) : std::string("none")),
      "Pack the data set with landmarks.");
  const PointRange range = points_of(part);
  return landmarks.narrow(1, range.first, range.count()).flatten(1);
}

at::Tensor landmark_loss(const at::Tensor& predicted, const at::Tensor& targets) {
  return (nn::at_least_float32(predicted) - targets).abs().mean();
}

at::Tensor constant_prediction(const at::Tensor& targets) { return std::get<0>(targets.median(0)); }

}  // namespace mien::methods::part_based
