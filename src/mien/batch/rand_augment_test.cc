// SPDX-License-Identifier: Apache-2.0
// Expected values are Pillow's (13.0) on the same pictures.
#include "mien/batch/rand_augment.h"

#include <ATen/CPUGeneratorImpl.h>
#include <gtest/gtest.h>

#include <numbers>

#include "mien/batch/pillow.h"

namespace mien::batch {
namespace {

at::Tensor grey_steps() {
  return torch::tensor(
             {10.f, 20.f, 30.f, 40.f, 50.f, 60.f, 70.f, 80.f, 90.f, 100.f, 110.f, 200.f, 10.f, 10.f, 250.f, 130.f})
      .view({1, 1, 4, 4});
}
at::Tensor amount(double value) { return torch::tensor({static_cast<float>(value)}); }

void expect_values(const at::Tensor& got, std::vector<float> expected) {
  EXPECT_TRUE(got.flatten().equal(torch::tensor(expected))) << got.flatten();
}

TEST(Pillow, PointOperations) {
  const at::Tensor x = grey_steps();
  expect_values(pillow::auto_contrast(x), {0, 10, 21, 31, 42, 53, 63, 74, 85, 95, 106, 201, 0, 0, 255, 127});
  expect_values(pillow::posterize(x, amount(2)), {0, 0, 0, 0, 0, 0, 64, 64, 64, 64, 64, 192, 0, 0, 192, 128});
  expect_values(pillow::solarize(x, amount(128)), {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 55, 10, 10, 5, 125});
  expect_values(pillow::solarize_add(x, amount(55)),
                {65, 75, 85, 95, 105, 115, 125, 135, 145, 155, 165, 200, 65, 65, 250, 130});
  expect_values(pillow::invert(x), {245, 235, 225, 215, 205, 195, 185, 175, 165, 155, 145, 55, 245, 245, 5, 125});
  EXPECT_TRUE(pillow::auto_contrast(at::full({1, 1, 2, 2}, 9.0f)).equal(at::full({1, 1, 2, 2}, 9.0f)));
}

TEST(Pillow, Equalize) {
  expect_values(pillow::equalize(grey_steps()),
                {10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 200, 10, 10, 250, 130});  // 16 pixels: step 0
  const auto large = grey_steps().repeat_interleave(16, 2).repeat_interleave(16, 3);
  expect_values(pillow::equalize(large).slice(2, 0, 64, 16).slice(3, 0, 64, 16),
                {0, 51, 68, 85, 102, 119, 137, 154, 171, 188, 205, 239, 0, 0, 255, 222});
}

TEST(Pillow, Enhancement) {
  const at::Tensor x = grey_steps();
  expect_values(pillow::contrast(x, amount(1.9)), {0, 0, 0, 4, 23, 42, 61, 80, 99, 118, 137, 255, 0, 0, 255, 175});
  expect_values(pillow::contrast(x, amount(0.4)), {51, 55, 59, 63, 67, 71, 75, 79, 83, 87, 91, 127, 51, 51, 147, 99});
  expect_values(pillow::brightness(x, amount(0.7)), {7, 14, 21, 28, 35, 42, 49, 56, 63, 70, 77, 140, 7, 7, 175, 91});
  expect_values(pillow::sharpness(x, amount(1.9)),
                {10, 20, 30, 40, 50, 60, 64, 80, 90, 110, 108, 200, 10, 10, 250, 130});
  expect_values(pillow::sharpness(x, amount(0.1)),
                {10, 20, 30, 40, 50, 60, 75, 80, 90, 89, 111, 200, 10, 10, 250, 130});
  const auto rgb = torch::tensor({200.f, 12.f, 30.f, 250.f, 90.f, 7.f}).view({1, 3, 1, 2});
  expect_values(pillow::grey(rgb), {88, 151});
  expect_values(pillow::color(rgb, amount(1.9)), {255, 0, 0, 255, 91, 0});
  expect_values(pillow::color(rgb, amount(0.1)), {99, 137, 82, 160, 88, 136});
}

TEST(Pillow, Geometry) {
  const at::Tensor x = grey_steps();
  expect_values(pillow::transform(x, pillow::translation(amount(1.5), amount(0)), {117}),
                {25, 35, 117, 117, 65, 75, 117, 117, 105, 155, 117, 117, 130, 190, 117, 117});
  expect_values(pillow::transform(x, pillow::shear(amount(0.5), amount(0)), {117}),
                {12, 22, 32, 40, 57, 67, 77, 117, 102, 132, 200, 117, 190, 160, 117, 117});
  expect_values(pillow::transform(x, pillow::rotation(amount(std::numbers::pi / 6), 4, 4), {117}),
                {117, 28, 54, 117, 27, 55, 89, 178, 57, 85, 119, 176, 117, 47, 53, 117});
  expect_values(pillow::transform(x, pillow::rotation(amount(std::numbers::pi / 2), 4, 4), {7}),
                {40, 80, 200, 130, 30, 70, 110, 250, 20, 60, 100, 10, 10, 50, 90, 10});
  EXPECT_TRUE(pillow::transform(x, pillow::translation(amount(0), amount(0)), {7}, true).equal(x));
}

TEST(RandAugment, StaysWithinEightBitsAndRepeats) {
  for (int channels : {1, 3}) {
    const at::Tensor x = torch::randint(0, 256, {200, channels, 24, 24}).to(at::kFloat);
    at::Generator a = at::make_generator<at::CPUGeneratorImpl>(5), b = at::make_generator<at::CPUGeneratorImpl>(5);
    const at::Tensor out = rand_augment(x, {}, a);
    EXPECT_TRUE(out.equal(rand_augment(x, {}, b)));
    EXPECT_GE(out.min().item<float>(), 0);
    EXPECT_LE(out.max().item<float>(), 255);
    EXPECT_TRUE(out.equal(out.floor()));
    EXPECT_FALSE(out.equal(x));
  }
}

// Three operations, each with probability one half: an eighth of the pictures gets none.
TEST(RandAugment, LeavesTheExpectedShareAlone) {
  const at::Tensor x = torch::randint(0, 256, {4000, 3, 8, 8}).to(at::kFloat);
  at::Generator g = at::make_generator<at::CPUGeneratorImpl>(3);
  const at::Tensor same = (rand_augment(x, {.probability = 0}, g) == x).all();
  EXPECT_TRUE(same.item<bool>());
  const double untouched =
      (rand_augment(x, {.magnitude = 8, .spread = 0}, g) == x).flatten(1).all(1).to(at::kFloat).mean().item<double>();
  EXPECT_GT(untouched, 0.10);
  EXPECT_LT(untouched, 0.19);  // equalisation does not change pictures this small
}

}  // namespace
}  // namespace mien::batch
