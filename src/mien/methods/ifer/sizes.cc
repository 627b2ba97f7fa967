// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ifer/sizes.h"

#include <numeric>

namespace mien::methods::ifer {

std::int64_t EncoderSizes::num_blocks() const { return std::accumulate(depths.begin(), depths.end(), std::int64_t{0}); }

Sizes sizes_of(Preset preset) {
  Sizes sizes;
  if (preset == Preset::base) return sizes;
  sizes.encoder = {64, 16, {2, 2, 4, 2}, {2, 4, 8, 16}, {4, 4, 8, 4}, 1, 1, 4, {3, 4, 3}, false};
  sizes.generator = {64, 64, 4, {64, 64, 64, 32, 16}};
  sizes.embedding = 32;
  sizes.face_rows = {9, 56};
  sizes.face_columns = {8, 55};
  return sizes;
}

}  // namespace mien::methods::ifer
