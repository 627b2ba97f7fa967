// SPDX-License-Identifier: Apache-2.0
// Head maps → boxes (card 3 and 7). Cells are numbered level by level, row by row.
#pragma once

#include <vector>

#include "mien/methods/fer_yolo_mamba/network.h"

namespace mien::methods::fer_yolo_mamba {

/// One row per cell of all levels.
struct Cells {
  at::Tensor x, y;    ///< (A) column and row within the level, float32
  at::Tensor stride;  ///< (A) pixels of the network's input
};

/// Strides of each level: input / map, the correct ones.
std::vector<double> strides_of(const Levels& heads, std::int64_t input_height);
Cells cells_of(const Levels& heads, const std::vector<double>& strides);

/// (B,A,5+K): all levels one after the other, as output by the heads.
at::Tensor flatten(const Levels& heads);

/// (…,A,4) x, y, w, h of the heads → centre and size in pixels of the network's input.
at::Tensor decode_boxes(const at::Tensor& raw, const Cells& cells);

/// (B,A,5+K): centre x and y, width, height as shares of the input; objectness and classes after the sigmoid.
at::Tensor decode(const Levels& heads, std::int64_t input_height, std::int64_t input_width);

}  // namespace mien::methods::fer_yolo_mamba
