// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/rand_augment.h"

#include <numbers>

#include "mien/batch/pillow.h"

namespace mien::batch {
namespace {

constexpr int kOperations = 15;

/// The draws of one application, each (b).
struct Draws {
  at::Tensor share;  ///< magnitude / 10, 0..1
  at::Tensor sign;   ///< ±1
  at::Tensor cubic;  ///< bool
};

at::Tensor moved(const at::Tensor& x, const at::Tensor& matrix, const Draws& d) {
  const std::vector<double> fill = x.size(1) == 1 ? std::vector<double>{117} : std::vector<double>{124, 116, 104};
  const at::Tensor cubic = d.cubic.view({-1, 1, 1, 1});
  return at::where(cubic, pillow::transform(x, matrix, fill, true), pillow::transform(x, matrix, fill, false));
}

at::Tensor applied(int operation, const at::Tensor& x, const Draws& d) {
  const std::int64_t height = x.size(2), width = x.size(3);
  const at::Tensor zero = at::zeros_like(d.share), factor = d.share * 1.8 + 0.1, shear = d.share * d.sign * 0.3,
                   shift = d.share * d.sign * 0.45;
  switch (operation) {
    case 0:
      return pillow::auto_contrast(x);
    case 1:
      return pillow::equalize(x);
    case 2:
      return pillow::invert(x);
    case 3:
      return moved(x, pillow::rotation(d.share * d.sign * (std::numbers::pi / 6), height, width), d);
    case 4:
      return pillow::posterize(x, (d.share * 4).floor());
    case 5:
      return pillow::solarize(x, (d.share * 256).floor());
    case 6:
      return pillow::solarize_add(x, (d.share * 110).floor());
    case 7:
      return pillow::color(x, factor);
    case 8:
      return pillow::contrast(x, factor);
    case 9:
      return pillow::brightness(x, factor);
    case 10:
      return pillow::sharpness(x, factor);
    case 11:
      return moved(x, pillow::shear(shear, zero), d);
    case 12:
      return moved(x, pillow::shear(zero, shear), d);
    case 13:
      return moved(x, pillow::translation(shift * static_cast<double>(width), zero), d);
    default:
      return moved(x, pillow::translation(zero, shift * static_cast<double>(height)), d);
  }
}

}  // namespace

at::Tensor rand_augment(const at::Tensor& images, const RandAugmentOptions& o, at::Generator& g) {
  const std::int64_t n = images.size(0);
  at::Tensor out = images.clone();
  for (int slot = 0; slot < o.operations; ++slot) {
    const at::Tensor operation = uniform(n, 0, kOperations, g).floor(), on = chance(n, o.probability, g);
    const at::Tensor level =
        (at::randn({n}, g, at::TensorOptions().dtype(at::kFloat)) * o.spread + o.magnitude).clamp(0, 10);
    const at::Tensor sign = at::where(chance(n, 0.5, g), 1.0f, -1.0f).to(at::kFloat), cubic = chance(n, 0.5, g);
    for (int i = 0; i < kOperations; ++i) {
      const at::Tensor rows = at::nonzero((operation == i) & on).flatten();
      if (rows.size(0) == 0) continue;
      const auto of = [&](const at::Tensor& t) { return t.index_select(0, rows); };
      out.index_copy_(0, rows, applied(i, of(out), {of(level) / 10, of(sign), of(cubic)}));
    }
  }
  return out;
}

}  // namespace mien::batch
