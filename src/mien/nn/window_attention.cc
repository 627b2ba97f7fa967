// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/window_attention.h"

#include <fmt/core.h>

#include <cmath>

#include "mien/base/error.h"

namespace mien::nn {

at::Tensor split_windows(const at::Tensor& x, std::int64_t w) {
  const std::int64_t n = x.size(0), h = x.size(1), width = x.size(2), c = x.size(3);
  if (h % w != 0 || width % w != 0)
    throw Error(ErrorKind::failed,
                fmt::format("A map of {}×{} cells cannot be divided into windows of {}×{}.", h, width, w, w));
  return x.reshape({n, h / w, w, width / w, w, c}).permute({0, 1, 3, 2, 4, 5}).reshape({-1, w * w, c});
}

at::Tensor join_windows(const at::Tensor& windows, std::int64_t w, std::int64_t height, std::int64_t width) {
  const std::int64_t c = windows.size(2);
  return windows.reshape({-1, height / w, width / w, w, w, c})
      .permute({0, 1, 3, 2, 4, 5})
      .reshape({-1, height, width, c});
}

at::Tensor relative_position_index(std::int64_t w) {
  const at::Tensor place = at::arange(w * w, at::kLong);
  const at::Tensor row = at::floor_divide(place, w), column = place.remainder(w);
  const auto difference = [&](const at::Tensor& p) { return p.unsqueeze(1) - p.unsqueeze(0) + (w - 1); };
  return difference(row) * (2 * w - 1) + difference(column);
}

at::Tensor relative_position_bias(const at::Tensor& table, const at::Tensor& index) {
  return at::index_select(table, 0, index.reshape({-1}))
      .view({index.size(0), index.size(1), table.size(1)})
      .permute({2, 0, 1});
}

at::Tensor split_heads(const at::Tensor& x, std::int64_t heads) {
  return x.reshape({x.size(0), x.size(1), heads, x.size(2) / heads}).transpose(1, 2);
}

at::Tensor window_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const at::Tensor& bias) {
  const double scale = 1 / std::sqrt(static_cast<double>(q.size(3)));
  const at::Tensor weights = at::softmax((q * scale).matmul(k.transpose(-2, -1)) + bias, -1);
  return weights.matmul(v).transpose(1, 2).reshape({q.size(0), q.size(2), q.size(1) * q.size(3)});
}

}  // namespace mien::nn
