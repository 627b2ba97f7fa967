// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/window.h"

#include "mien/batch/affine.h"
#include "mien/batch/random.h"

namespace mien::batch {
namespace {

/// Lines first, first + 1, ... of each picture: (B) → (B,count) int64.
at::Tensor lines_from(const at::Tensor& first, std::int64_t count) {
  return first.unsqueeze(1) + at::arange(count, at::kLong);
}

}  // namespace

at::Tensor random_window(const at::Tensor& images, std::int64_t height, std::int64_t width, at::Generator& g,
                         Moves* moves) {
  const auto draw_first = [&](std::int64_t size, std::int64_t window) {
    const auto room = static_cast<double>(size - window);
    return uniform(images.size(0), 0, room + 1, g).floor().clamp_max(room).to(at::kLong);
  };
  const at::Tensor top = draw_first(images.size(2), height), left = draw_first(images.size(3), width);
  if (moves) {
    const auto h = static_cast<double>(images.size(2)), w = static_cast<double>(images.size(3));
    *moves = moves->then(Moves::window(left.to(at::kFloat) / w, top.to(at::kFloat) / h, static_cast<double>(width) / w,
                                       static_cast<double>(height) / h));
  }
  return take_lines(images, lines_from(top, height), lines_from(left, width));
}

at::Tensor placed_window(const at::Tensor& images, std::int64_t height, std::int64_t width, const at::Tensor& place) {
  const std::int64_t down = images.size(2) - height, right = images.size(3) - width;
  const auto options = at::TensorOptions(at::kLong);
  const at::Tensor tops = at::tensor(std::vector<std::int64_t>{0, 0, down, down, down / 2}, options);
  const at::Tensor lefts = at::tensor(std::vector<std::int64_t>{0, right, 0, right, right / 2}, options);
  return take_lines(images, lines_from(tops.index_select(0, place), height),
                    lines_from(lefts.index_select(0, place), width));
}

at::Tensor centre_window(const at::Tensor& images, std::int64_t height, std::int64_t width) {
  if (images.size(2) == height && images.size(3) == width) return images;
  const std::int64_t top = (images.size(2) - height) / 2, left = (images.size(3) - width) / 2;
  return images.slice(2, top, top + height).slice(3, left, left + width);
}

}  // namespace mien::batch
