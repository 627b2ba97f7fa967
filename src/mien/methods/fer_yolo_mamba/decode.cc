// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fer_yolo_mamba/decode.h"

namespace mien::methods::fer_yolo_mamba {

std::vector<double> strides_of(const Levels& heads, std::int64_t input_height) {
  std::vector<double> strides;
  for (const at::Tensor& head : heads)
    strides.push_back(static_cast<double>(input_height) / static_cast<double>(head.size(2)));
  return strides;
}

Cells cells_of(const Levels& heads, const std::vector<double>& strides) {
  std::vector<at::Tensor> x, y, stride;
  for (std::size_t i = 0; i < kLevels; ++i) {
    const std::int64_t height = heads[i].size(2), width = heads[i].size(3);
    const auto options = heads[i].options().dtype(at::kFloat);
    x.push_back(at::arange(width, options).repeat({height}));
    y.push_back(at::arange(height, options).repeat_interleave(width));
    stride.push_back(at::full({height * width}, strides[i], options));
  }
  return {at::cat(x), at::cat(y), at::cat(stride)};
}

at::Tensor flatten(const Levels& heads) {
  std::vector<at::Tensor> rows;
  for (const at::Tensor& head : heads) rows.push_back(head.flatten(2).transpose(1, 2));
  return at::cat(rows, 1);
}

at::Tensor decode_boxes(const at::Tensor& raw, const Cells& cells) {
  const at::Tensor s = cells.stride;
  return at::stack({(raw.select(-1, 0) + cells.x) * s, (raw.select(-1, 1) + cells.y) * s,
                    at::exp(raw.select(-1, 2)) * s, at::exp(raw.select(-1, 3)) * s},
                   -1);
}

at::Tensor decode(const Levels& heads, std::int64_t input_height, std::int64_t input_width) {
  const at::Tensor rows = flatten(heads);
  const auto w = static_cast<double>(input_width), h = static_cast<double>(input_height);
  const at::Tensor boxes = decode_boxes(rows.narrow(-1, 0, 4), cells_of(heads, strides_of(heads, input_height)));
  return at::cat(
      {boxes / at::tensor({w, h, w, h}, boxes.options()), at::sigmoid(rows.narrow(-1, 4, rows.size(-1) - 4))}, -1);
}

}  // namespace mien::methods::fer_yolo_mamba
