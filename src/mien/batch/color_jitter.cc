// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/color_jitter.h"

#include "mien/batch/pillow.h"
#include "mien/batch/random.h"

namespace mien::batch {

at::Tensor color_jitter(const at::Tensor& images, double range, at::Generator& g) {
  constexpr std::int64_t kChanges = 3;
  using Change = at::Tensor (*)(const at::Tensor& images, const at::Tensor& factor);
  constexpr Change changes[kChanges] = {pillow::brightness, pillow::contrast, pillow::color};
  const std::int64_t n = images.size(0);
  const at::Tensor order = uniform(n * kChanges, 0, 1, g).view({n, kChanges}).argsort(1, /*descending=*/false);
  const at::Tensor factors = uniform(n * kChanges, 1 - range, 1 + range, g).view({n, kChanges});
  at::Tensor out = images.clone();
  for (std::int64_t turn = 0; turn < kChanges; ++turn) {
    for (std::int64_t change = 0; change < kChanges; ++change) {
      const at::Tensor rows = at::nonzero(order.select(1, turn) == change).flatten();
      if (rows.size(0) == 0) continue;
      const at::Tensor factor = factors.select(1, change).index_select(0, rows);
      out.index_copy_(0, rows, changes[change](out.index_select(0, rows), factor));
    }
  }
  return out;
}

at::Tensor random_grey(const at::Tensor& images, double probability, at::Generator& g) {
  const at::Tensor chosen = chance(images.size(0), probability, g).view({-1, 1, 1, 1});
  return at::where(chosen, pillow::grey(images).expand_as(images), images);
}

}  // namespace mien::batch
