// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fer_yolo_mamba/scene_batch.h"

#include <fmt/core.h>

#include <array>

#include "mien/base/error.h"
#include "mien/batch/random.h"
#include "mien/methods/fer_yolo_mamba/scene.h"
#include "mien/nn/scaling.h"

namespace mien::methods::fer_yolo_mamba {
namespace {

constexpr double kMosaicUntil = 0.7;  // of the run

/// The inverse of nn::normalise, in whole numbers 0..255.
at::Tensor to_pixels(const at::Tensor& images, const face::InputSpec& input) {
  const auto per_channel = [&](const std::vector<float>& values) {
    return at::tensor(values).view({1, static_cast<std::int64_t>(values.size()), 1, 1});
  };
  return ((images * per_channel(input.std) + per_channel(input.mean)) * 255).round().clamp(0, 255);
}

/// (5) factors from fractions of the sides to pixels of pictures (…,h,w).
at::Tensor pixel_factors(const at::Tensor& images) {
  const auto w = static_cast<float>(images.size(-1)), h = static_cast<float>(images.size(-2));
  return at::tensor({w, h, w, h, 1.f});
}

/// left, top, width, height as fractions → left, top, right, bottom in whole pixels; the class stays
at::Tensor to_corners(const at::Tensor& boxes, const at::Tensor& factors) {
  const at::Tensor b = boxes * factors;
  return at::cat({at::round(at::cat({b.narrow(1, 0, 2), b.narrow(1, 0, 2) + b.narrow(1, 2, 2)}, 1)), b.narrow(1, 4, 1)},
                 1);
}
at::Tensor to_fractions(const at::Tensor& boxes, const at::Tensor& factors) {
  return at::cat({boxes.narrow(1, 0, 2), boxes.narrow(1, 2, 2) - boxes.narrow(1, 0, 2), boxes.narrow(1, 4, 1)}, 1) /
         factors;
}

/// The picture alone, in a mosaic with three others, or this mosaic mixed with a fourth.
Scene draw_scene(const Scene& own, const std::array<Scene, kFurther>& further, const SceneOptions& options,
                 at::Generator& g) {
  if (!batch::chance(1, 0.5, g).item<bool>()) return augment(own, g);
  std::array<Scene, 4> four{own, further[0], further[1], further[2]};
  const auto place = static_cast<std::size_t>(batch::uniform(1, 0, 4, g).item<double>());
  std::swap(four[0], four[std::min<std::size_t>(place, 3)]);  // the quadrant of the picture itself
  const Scene joined = mosaic(four, g);
  if (!options.mixup || !batch::chance(1, 0.5, g).item<bool>()) return joined;
  return mix(joined, augment(further[3], g));
}

/// Unmarked faces would be learned as background.
void require_known(const batch::Batch& batch) {
  if (!batch.boxes_known.defined() || batch.boxes_known.all().item<bool>()) return;
  const auto row = batch.boxes_known.logical_not().nonzero()[0].item<std::int64_t>();
  fail_input(fmt::format("Picture {} of the pack has no boxes, and no empty list of boxes.",
                         batch.index[row].item<std::int64_t>()),
             "Pack only pictures with known boxes; a picture without faces has an empty list.");
}

/// Keeps only the first `count` rows of all targets.
void keep_first(batch::Batch& batch, std::int64_t count) {
  for (at::Tensor* t : {&batch.labels, &batch.distribution, &batch.index, &batch.true_labels, &batch.boxes_known,
                        &batch.landmarks, &batch.landmarks_known, &batch.pose, &batch.pose_known})
    if (t->defined()) *t = t->narrow(0, 0, count);
  batch.boxes.resize(static_cast<std::size_t>(count));
}

}  // namespace

batch::View scene_view(const face::InputSpec& input) {
  return [input](const at::Tensor& pixels, batch::Batch& targets, at::Generator&) {
    require_known(targets);
    const bool fits = pixels.size(2) == input.height && pixels.size(3) == input.width;
    return nn::normalise(fits ? pixels : nn::resize_to_input(pixels, input), input);
  };
}

void augment_batch(batch::Batch& batch, const face::InputSpec& input, const SceneOptions& options, at::Generator& g,
                   double progress) {
  const at::Tensor pixels = to_pixels(batch.images(), input), factors = pixel_factors(pixels);
  const auto scene = [&](std::int64_t i) {
    return Scene{pixels[i], to_corners(batch.boxes[static_cast<std::size_t>(i)], factors)};
  };
  const std::int64_t count = pixels.size(0) / (options.mosaic ? 1 + kFurther : 1);
  const bool mosaics = options.mosaic && progress < kMosaicUntil;
  std::vector<at::Tensor> images, boxes;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto further = [&](std::int64_t j) { return scene(i + j * count); };
    const Scene drawn = mosaics ? draw_scene(scene(i), {further(1), further(2), further(3), further(4)}, options, g)
                                : augment(scene(i), g);
    images.push_back(drawn.pixels);
    boxes.push_back(to_fractions(drawn.boxes, factors));
  }
  keep_first(batch, count);
  batch.boxes = std::move(boxes);
  batch.views.front() = nn::normalise(at::stack(images), input);
}

std::vector<at::Tensor> faces_of(const batch::Batch& batch) {
  std::vector<at::Tensor> faces;
  const at::Tensor factors = pixel_factors(batch.images());
  for (const at::Tensor& fractions : batch.boxes) {
    const at::Tensor b = fractions.cpu() * factors;
    faces.push_back(
        at::cat({b.narrow(1, 0, 2) + b.narrow(1, 2, 2) * 0.5, b.narrow(1, 2, 3)}, 1).to(batch.images().device()));
  }
  return faces;
}

}  // namespace mien::methods::fer_yolo_mamba
