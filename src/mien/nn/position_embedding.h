// SPDX-License-Identifier: Apache-2.0
// Learned position embeddings of vision transformers, for pictures of a size other than in training.
#pragma once

#include "mien/nn/torch.h"

namespace mien::nn {

/// (1, leading + g², D) → (1, leading + target², D): the `leading` rows (class tokens) stay, the others are a g × g
/// grid, resized bilinearly without aligned corners. Throws bad_input if the other rows are not a square grid.
at::Tensor resize_position_embedding(const at::Tensor& embedding, std::int64_t leading, std::int64_t target);

}  // namespace mien::nn
