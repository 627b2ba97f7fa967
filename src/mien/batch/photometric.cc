// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/photometric.h"

#include <cmath>

namespace mien::batch {
namespace {

struct Rectangle {
  at::Tensor top, left, height, width;  ///< (B) float32, whole pixels; height 0: none
};

/// The first of `tries` draws that fits inside the picture, per picture, without a loop over the batch.
Rectangle draw_rectangles(std::int64_t n, double picture_height, double picture_width, const ErasingOptions& o,
                          at::Generator& g) {
  Rectangle r{at::zeros({n}), at::zeros({n}), at::zeros({n}), at::zeros({n})};
  at::Tensor open = chance(n, o.probability, g);
  for (int attempt = 0; attempt < o.tries; ++attempt) {
    const at::Tensor area = uniform(n, o.area_low, o.area_high, g) * (picture_height * picture_width);
    const at::Tensor ratio = uniform(n, std::log(o.ratio_low), std::log(o.ratio_high), g).exp();
    const at::Tensor height = (area * ratio).sqrt().round(), width = (area / ratio).sqrt().round();
    const at::Tensor top = (uniform(n, 0, 1, g) * (picture_height - height + 1)).floor();
    const at::Tensor left = (uniform(n, 0, 1, g) * (picture_width - width + 1)).floor();
    const at::Tensor take = open & (height < picture_height) & (width < picture_width);
    r.top = at::where(take, top, r.top);
    r.left = at::where(take, left, r.left);
    r.height = at::where(take, height, r.height);
    r.width = at::where(take, width, r.width);
    open = open & ~take;
  }
  return r;
}

}  // namespace

at::Tensor jitter(const at::Tensor& images, double contrast, double brightness, at::Generator& g) {
  const std::int64_t n = images.size(0);
  const at::Tensor factor = uniform(n, 1 - contrast, 1 + contrast, g).view({n, 1, 1, 1}).to(images.device());
  const at::Tensor offset = uniform(n, -brightness, brightness, g).view({n, 1, 1, 1}).to(images.device());
  return images * factor + offset;
}

at::Tensor random_erasing(const at::Tensor& images, const ErasingOptions& o, at::Generator& g) {
  const std::int64_t n = images.size(0), height = images.size(2), width = images.size(3);
  const Rectangle r = draw_rectangles(n, static_cast<double>(height), static_cast<double>(width), o, g);
  const at::Tensor y = at::arange(height, at::kFloat).unsqueeze(0), x = at::arange(width, at::kFloat).unsqueeze(0);
  const at::Tensor rows = (y >= r.top.unsqueeze(1)) & (y < (r.top + r.height).unsqueeze(1));
  const at::Tensor columns = (x >= r.left.unsqueeze(1)) & (x < (r.left + r.width).unsqueeze(1));
  const at::Tensor erased = rows.unsqueeze(2) & columns.unsqueeze(1);  // (B,H,W)
  return images.masked_fill(erased.unsqueeze(1).to(images.device()), 0);
}

}  // namespace mien::batch
