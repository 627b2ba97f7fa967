// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/fer_yolo_mamba/scene.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

namespace mien::methods::fer_yolo_mamba {
namespace {

/// A grey picture with one bright red square that its box encloses.
Scene square_scene(std::int64_t left, std::int64_t top, std::int64_t side, float label = 2) {
  Scene scene{at::full({3, 96, 96}, 90.f), {}};
  scene.pixels[0].narrow(0, top, side).narrow(1, left, side).fill_(250);
  const auto x = static_cast<float>(left), y = static_cast<float>(top), s = static_cast<float>(side);
  scene.boxes = at::tensor({x, y, x + s, y + s, label}).view({1, 5});
  return scene;
}

/// Whether red pixels are inside the boxes and nowhere far from them.
void expect_boxes_on_squares(const Scene& scene) {
  const at::Tensor red = (scene.pixels[0] - scene.pixels[1]) > 40;
  at::Tensor covered = at::zeros_like(red);
  for (std::int64_t i = 0; i < scene.boxes.size(0); ++i) {
    const auto side = [&](int j) { return scene.boxes[i][j].item<std::int64_t>(); };
    EXPECT_GT(red.slice(0, side(1), side(3)).slice(1, side(0), side(2)).to(at::kFloat).mean().item<double>(), 0.6);
    covered.slice(0, std::max<std::int64_t>(side(1) - 3, 0), side(3) + 3)
        .slice(1, std::max<std::int64_t>(side(0) - 3, 0), side(2) + 3)
        .fill_(true);
  }
  const double outside = (red & covered.logical_not()).sum().item<double>();
  EXPECT_LE(outside, 40);  // pieces of squares whose boxes became too small
}

TEST(Scene, BoxesFollowThePicture) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    const Scene scene = augment(square_scene(20, 30, 24), generator);
    EXPECT_EQ(scene.pixels.sizes(), at::IntArrayRef({3, 96, 96}));
    expect_boxes_on_squares(scene);
  }
}

TEST(Scene, MosaicHasTheBoxesOfFourPictures) {
  std::int64_t boxes = 0;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
    const Scene scene = mosaic({square_scene(20, 30, 24, 0), square_scene(50, 40, 30, 1), square_scene(30, 30, 30, 2),
                                square_scene(10, 10, 40, 3)},
                               generator);
    expect_boxes_on_squares(scene);
    boxes += scene.boxes.size(0);
    if (scene.boxes.size(0) > 0) {
      EXPECT_GE((scene.boxes.select(1, 2) - scene.boxes.select(1, 0)).min().item<float>(), 2);
      EXPECT_GE(scene.boxes.narrow(1, 0, 4).min().item<float>(), 0);
      EXPECT_LE(scene.boxes.narrow(1, 0, 4).max().item<float>(), 96);
    }
  }
  EXPECT_GT(boxes, 60);  // most squares are near the inner corner
}

TEST(Scene, SameSeedSamePicture) {
  const auto run = [] {
    auto generator = at::make_generator<at::CPUGeneratorImpl>(7);
    return augment(square_scene(20, 30, 24), generator);
  };
  EXPECT_TRUE(run().pixels.equal(run().pixels));
}

TEST(Scene, MixIsTheMeanWithBothBoxLists) {
  const Scene mixed = mix(square_scene(0, 0, 10), square_scene(50, 50, 10));
  EXPECT_EQ(mixed.boxes.size(0), 2);
  EXPECT_EQ(mixed.pixels[0][5][5].item<float>(), 170);  // (250 + 90) / 2
  EXPECT_EQ(mixed.pixels[1][5][5].item<float>(), 90);
}

TEST(Scene, ColoursOfUnitFactorsStay) {
  at::manual_seed(1);
  const at::Tensor pixels = at::randint(0, 256, {3, 16, 16}).to(at::kFloat);
  EXPECT_LE((scale_colours(pixels, 1, 1, 1) - pixels).abs().max().item<float>(), 5);  // 8 bits of hue and saturation
  const at::Tensor grey = at::full({3, 2, 2}, 100.f);
  EXPECT_TRUE(scale_colours(grey, 1.1, 1.7, 1).equal(grey));
  EXPECT_TRUE(scale_colours(grey, 1, 1, 0.5).equal(at::full({3, 2, 2}, 50.f)));
  const at::Tensor red = at::tensor({200.f, 0.f, 0.f}).view({3, 1, 1});
  EXPECT_TRUE(scale_colours(red, 1, 0, 1).equal(at::full({3, 1, 1}, 200.f)));  // no saturation: white of its value
}

TEST(Scene, ClippedBoxesOfOnePixelGo) {
  const at::Tensor boxes =
      at::tensor({-5.f, 2.f, 1.f, 20.f, 0.f, -5.f, 2.f, 3.f, 20.f, 1.f, 90.f, 90.f, 200.f, 200.f, 2.f}).view({3, 5});
  const at::Tensor kept = keep_inside(boxes, 96, 96);
  EXPECT_TRUE(kept.equal(at::tensor({0.f, 2.f, 3.f, 20.f, 1.f, 90.f, 90.f, 96.f, 96.f, 2.f}).view({2, 5})));
}

}  // namespace
}  // namespace mien::methods::fer_yolo_mamba
