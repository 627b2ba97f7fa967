// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/color_jitter.h"

#include "mien/batch/pillow.h"
#include "mien/batch/random.h"

namespace mien::batch {

at::Tensor color_jitter(const at::Tensor& images, double range, at::Generator& g) {
  return color_jitter(images, JitterRanges{range, range, range, 0}, g);
}

at::Tensor color_jitter(const at::Tensor& images, const JitterRanges& ranges, at::Generator& g) {
  using Change = at::Tensor (*)(const at::Tensor& images, const at::Tensor& amount);
  constexpr Change changes[] = {pillow::brightness, pillow::contrast, pillow::color, pillow::hue};
  const at::Tensor middles = torch::tensor({1.0f, 1.0f, 1.0f, 0.0f});
  const at::Tensor widths = torch::tensor({static_cast<float>(ranges.brightness), static_cast<float>(ranges.contrast),
                                           static_cast<float>(ranges.saturation), static_cast<float>(ranges.hue)});
  const std::int64_t n = images.size(0), count = ranges.hue > 0 ? 4 : 3;
  const at::Tensor order = uniform(n * count, 0, 1, g).view({n, count}).argsort(1, /*descending=*/false);
  const at::Tensor amounts =
      middles.narrow(0, 0, count) + widths.narrow(0, 0, count) * uniform(n * count, -1, 1, g).view({n, count});
  at::Tensor out = images.clone();
  for (std::int64_t turn = 0; turn < count; ++turn) {
    for (std::int64_t change = 0; change < count; ++change) {
      const at::Tensor rows = at::nonzero(order.select(1, turn) == change).flatten();
      if (rows.size(0) == 0) continue;
      const at::Tensor amount = amounts.select(1, change).index_select(0, rows);
      out.index_copy_(0, rows, changes[change](out.index_select(0, rows), amount));
    }
  }
  return out;
}

at::Tensor random_grey(const at::Tensor& images, double probability, at::Generator& g) {
  const at::Tensor chosen = chance(images.size(0), probability, g).view({-1, 1, 1, 1});
  return at::where(chosen, pillow::grey(images).expand_as(images), images);
}

}  // namespace mien::batch
