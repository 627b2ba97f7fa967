// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/finite.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "support/errors.h"

namespace mien::nn {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN(), kInfinity = std::numeric_limits<float>::infinity();

TEST(RelativeError, IsTheRatioOfNorms) {
  EXPECT_DOUBLE_EQ(relative_error(torch::tensor({3.0, 5.0}), torch::tensor({3.0, 4.0})), 0.2);
  EXPECT_DOUBLE_EQ(relative_error(torch::tensor({0.5}), torch::tensor({0.0})), 0.5);
}

TEST(RelativeError, NotANumberNeverPasses) {
  for (const float bad : {kNan, kInfinity}) {
    const auto wrong = torch::tensor({1.0f, bad}), right = torch::tensor({1.0f, 1.0f});
    EXPECT_GT(relative_error(wrong, right), 1e30);
    EXPECT_GT(relative_error(right, wrong), 1e30);
    EXPECT_GT(relative_error(wrong, wrong), 1e30);
  }
}

TEST(RequireFinite, NamesTheKeys) {
  EXPECT_NO_THROW(require_finite({{"a", torch::ones({2})}, {"n", torch::ones({}, at::kLong)}}, "w.pth"));
  const auto bad = torch::tensor({1.0f, kNan, kInfinity});
  const Error error = mien::testing::error_of([&] { require_finite({{"fc.bias", bad}}, "w.pth"); });
  EXPECT_EQ(error.kind(), ErrorKind::bad_input);
  EXPECT_THAT(error.message(), ::testing::HasSubstr("w.pth: "));
  EXPECT_THAT(error.message(), ::testing::HasSubstr("fc.bias (2 of 3)"));
}

}  // namespace
}  // namespace mien::nn
