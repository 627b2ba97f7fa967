// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/position_embedding.h"

#include <fmt/core.h>

#include <cmath>

#include "mien/base/error.h"
#include "mien/nn/shape_text.h"

namespace mien::nn {

at::Tensor resize_position_embedding(const at::Tensor& embedding, std::int64_t leading, std::int64_t target) {
  check_input(embedding.dim() == 3 && embedding.size(0) == 1 && leading >= 0 && embedding.size(1) > leading,
              fmt::format("A position embedding of shape {}, expected (1, {} + g², D).", shape_text(embedding.sizes()),
                          leading));
  const std::int64_t cells = embedding.size(1) - leading, width = embedding.size(2);
  const auto side = static_cast<std::int64_t>(std::llround(std::sqrt(static_cast<double>(cells))));
  check_input(side * side == cells, fmt::format("A position embedding with {} cells is not a square grid.", cells));
  if (side == target) return embedding;
  const at::Tensor grid = embedding.slice(1, leading).to(at::kFloat).view({1, side, side, width}).permute({0, 3, 1, 2});
  const at::Tensor resized = at::upsample_bilinear2d(grid, {target, target}, /*align_corners=*/false)
                                 .permute({0, 2, 3, 1})
                                 .reshape({1, target * target, width});
  return at::cat({embedding.slice(1, 0, leading).to(at::kFloat), resized}, 1);
}

}  // namespace mien::nn
