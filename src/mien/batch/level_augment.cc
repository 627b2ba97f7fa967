// SPDX-License-Identifier: Apache-2.0
#include "mien/batch/level_augment.h"

#include <cmath>
#include <numbers>

#include "mien/batch/affine.h"
#include "mien/batch/pillow.h"

namespace mien::batch {
namespace {

constexpr double kFill = 128;

at::Tensor moved(const at::Tensor& x, const at::Tensor& matrix) {
  return pillow::transform(x, matrix, std::vector<double>(static_cast<std::size_t>(x.size(1)), kFill));
}

/// The published code's luma: weights for blue, green, red on red, green, blue.
at::Tensor swapped_luma(const at::Tensor& x) {
  if (x.size(1) == 1) return x;
  return (x * torch::tensor({0.114f, 0.587f, 0.299f}).view({1, 3, 1, 1})).sum(1, /*keepdim=*/true);
}

at::Tensor away_from(const at::Tensor& degenerate, const at::Tensor& x, double factor) {
  return degenerate + factor * (x - degenerate);
}

/// -low of an unsigned byte is 256 - low, so that every value exceeds 255.
at::Tensor whitening_auto_contrast(const at::Tensor& x) {
  const at::Tensor low = x.amin({2, 3}, true), high = x.amax({2, 3}, true);
  return at::where((low > 0) & (high > low), at::full_like(x, 255), pillow::auto_contrast(x));
}

at::Tensor wrapping_sharpness(const at::Tensor& x, double factor) {
  at::Tensor out = x.clone();
  at::Tensor inner = out.slice(2, 1, x.size(2) - 1).slice(3, 1, x.size(3) - 1);
  inner.copy_(away_from(pillow::smooth_inside(x), inner, factor).trunc().remainder(256));
  return out;
}

at::Tensor quirky(LevelOperation operation, const at::Tensor& x, double factor) {
  switch (operation) {
    case LevelOperation::auto_contrast:
      return whitening_auto_contrast(x);
    case LevelOperation::sharpness:
      return wrapping_sharpness(x, factor);
    case LevelOperation::color:
      return x.size(1) == 1 ? x : away_from(swapped_luma(x), x, factor).clamp(0, 255).floor();
    case LevelOperation::contrast:
      return away_from(swapped_luma(x).mean({1, 2, 3}, true), x, factor).clamp(0, 255).floor();
    default:
      return {};
  }
}

}  // namespace

at::Tensor apply_level(LevelOperation operation, const at::Tensor& x, const at::Tensor& sign,
                       const LevelAugmentOptions& o) {
  const double share = o.level / 10, enhance = 1.8 * share + 0.1;
  if (o.reference_quirks)
    if (at::Tensor done = quirky(operation, x, enhance); done.defined()) return done;
  const at::Tensor zero = at::zeros_like(sign);
  const auto all = [&](double value) { return at::full_like(sign, value); };
  switch (operation) {
    case LevelOperation::auto_contrast:
      return pillow::auto_contrast(x);
    case LevelOperation::equalize:
      return pillow::equalize(x);
    case LevelOperation::rotate:
      return moved(x, pillow::rotation(sign * (share * std::numbers::pi / 6), x.size(2), x.size(3)));
    case LevelOperation::solarize:
      return pillow::solarize(x, all(std::floor(256 * share)));
    case LevelOperation::color:
      return pillow::color(x, all(enhance));
    case LevelOperation::contrast:
      return pillow::contrast(x, all(enhance));
    case LevelOperation::brightness:
      return pillow::brightness(x, all(enhance));
    case LevelOperation::sharpness:
      return pillow::sharpness(x, all(enhance));
    case LevelOperation::shear_x:
      return moved(x, pillow::shear(sign * (0.3 * share), zero));
    case LevelOperation::shear_y:
      return moved(x, pillow::shear(zero, sign * (0.3 * share)));
    case LevelOperation::translate_x:
      return moved(x, pillow::translation(sign * (o.shift_px * share), zero));
    case LevelOperation::translate_y:
      return moved(x, pillow::translation(zero, sign * (o.shift_px * share)));
    case LevelOperation::posterize:
      return pillow::posterize(x, all(std::floor(4 * share)));
    case LevelOperation::identity:
      break;
  }
  return x;
}

LevelDraws draw_levels(std::int64_t batch, const LevelAugmentOptions& o, at::Generator& g) {
  const std::int64_t n = batch * o.operations;
  const auto shaped = [&](const at::Tensor& t) { return t.view({batch, o.operations}); };
  LevelDraws d;
  d.operation = shaped(uniform(n, 0, kLevelOperations, g).floor().clamp_max(kLevelOperations - 1).to(at::kLong));
  d.applied = shaped(chance(n, o.probability, g));
  d.sign = shaped(at::where(chance(n, 0.5, g), 1.0f, -1.0f).to(at::kFloat));
  return d;
}

at::Tensor level_augment(const at::Tensor& images, const LevelAugmentOptions& o, at::Generator& g) {
  const LevelDraws d = draw_levels(images.size(0), o, g);
  at::Tensor out = images.clone();
  for (std::int64_t slot = 0; slot < o.operations; ++slot) {
    for (int i = 0; i < kLevelOperations; ++i) {
      const at::Tensor rows = at::nonzero((d.operation.select(1, slot) == i) & d.applied.select(1, slot)).flatten();
      if (rows.size(0) == 0) continue;
      out.index_copy_(0, rows,
                      apply_level(static_cast<LevelOperation>(i), out.index_select(0, rows),
                                  d.sign.select(1, slot).index_select(0, rows), o));
    }
  }
  return out;
}

at::Tensor reflect_crop(const at::Tensor& images, std::int64_t padding, std::int64_t last, at::Generator& g,
                        Moves* moves) {
  const std::int64_t n = images.size(0), height = images.size(2), width = images.size(3);
  const auto draw_corner = [&] {
    return uniform(n, 0, static_cast<double>(last + 1), g).floor().clamp_max(static_cast<double>(last)).to(at::kLong);
  };
  // Source line of each line of the window: first mirrored at 0, then at the far edge.
  const auto sources = [&](const at::Tensor& corner, std::int64_t size) {
    const at::Tensor line = (corner.unsqueeze(1) + at::arange(size, at::kLong).unsqueeze(0) - padding).abs();
    return (size - 1) - ((size - 1) - line).abs();
  };
  const at::Tensor top = draw_corner(), left = draw_corner();
  if (moves) {
    const auto fraction = [&](const at::Tensor& corner, std::int64_t size) {
      return (corner - padding).to(at::kFloat) / static_cast<float>(size);
    };
    *moves = moves->then(Moves::window(fraction(left, width), fraction(top, height), 1, 1));
  }
  return take_lines(images, sources(top, height), sources(left, width));
}

at::Tensor cutout_at(const at::Tensor& images, const at::Tensor& rows, const at::Tensor& columns, std::int64_t side,
                     double fill) {
  const auto covered = [&](const at::Tensor& centres, std::int64_t size) {
    const at::Tensor begin = centres - static_cast<double>(side / 2);
    const at::Tensor from_begin = at::arange(size, at::kFloat).unsqueeze(0) - begin.unsqueeze(1);
    return (from_begin >= 0) & (from_begin < static_cast<double>(side));  // (B,size)
  };
  const at::Tensor down = covered(rows, images.size(2)), across = covered(columns, images.size(3));
  return images.masked_fill((down.unsqueeze(2) & across.unsqueeze(1)).unsqueeze(1), fill);
}

at::Tensor cutout(const at::Tensor& images, std::int64_t side, double fill, at::Generator& g) {
  const auto centres = [&](std::int64_t size) {
    return uniform(images.size(0), 0, static_cast<double>(size), g).floor();
  };
  const at::Tensor rows = centres(images.size(2)), columns = centres(images.size(3));
  return cutout_at(images, rows, columns, side, fill);
}

}  // namespace mien::batch
