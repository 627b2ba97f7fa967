// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/scaling.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/face/resample.h"

namespace mien::nn {
namespace {

TEST(ResizeToInput, EqualisesAsRecognitionDoes) {
  face::InputSpec spec;
  spec.width = 30, spec.height = 20;
  spec.contrast.emplace();
  const at::Tensor pixels = (at::arange(2 * 12 * 10) * 7 % 200).to(at::kByte).view({2, 1, 12, 10});
  const at::Tensor out = resize_to_input(pixels, spec);
  ASSERT_EQ(out.sizes(), at::IntArrayRef({2, 1, 20, 30}));
  EXPECT_EQ(out.scalar_type(), at::kFloat);
  for (int i = 0; i < 2; ++i) {
    const auto expected = face::equalised_input({pixels[i].const_data_ptr<std::uint8_t>(), 120}, 10, 12, spec);
    for (int y = 0; y < 20; ++y)
      for (int x = 0; x < 30; ++x)
        ASSERT_EQ(out[i][0][y][x].item<float>(), expected[static_cast<std::size_t>(y * 30 + x)]);
  }
  EXPECT_THROW(resize_to_input(pixels.repeat({1, 3, 1, 1}), spec), Error);
}

}  // namespace
}  // namespace mien::nn
