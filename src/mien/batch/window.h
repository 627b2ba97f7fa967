// SPDX-License-Identifier: Apache-2.0
// Windows of whole pixels cut out of pictures (B,C,H,W), one position per picture.
#pragma once

#include "mien/batch/moves.h"

namespace mien::batch {

/// At a uniformly random position. → (B,C,height,width). `moves` receives the draws; nullptr: not needed.
at::Tensor random_window(const at::Tensor& images, std::int64_t height, std::int64_t width, at::Generator& generator,
                         Moves* moves = nullptr);

/// `place` (B) int64: 0 top left, 1 top right, 2 bottom left, 3 bottom right, 4 centre. → (B,C,height,width)
at::Tensor placed_window(const at::Tensor& images, std::int64_t height, std::int64_t width, const at::Tensor& place);
inline constexpr std::int64_t kWindowPlaces = 5;

/// The centre; an odd remainder goes to the bottom and the right. → (B,C,height,width)
at::Tensor centre_window(const at::Tensor& images, std::int64_t height, std::int64_t width);

}  // namespace mien::batch
