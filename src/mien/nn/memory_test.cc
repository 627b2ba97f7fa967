// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/errors.h"

namespace mien::nn {
namespace {

using ::testing::HasSubstr;

constexpr StepMemory kNeed{100, 10};

TEST(PeakMemory, IsTheMostThatWasTakenAtOneTime) {
  const auto before = torch::zeros({1000});
  EXPECT_EQ(peak_memory(at::kCPU, [] {}), 0);
  const double peak = peak_memory(at::kCPU, [&] {
    { const auto first = torch::zeros({2000}); }
    const auto second = torch::zeros({1000}), third = torch::zeros({500});
  });
  EXPECT_EQ(peak, 8000);
}

/// y = x², z = y³: x and y are kept for the backward pass, the gradient of y is the third map.
TEST(PeakMemory, CountsWhatTheBackwardPassNeeds) {
  const auto x = torch::ones({1000}).requires_grad_();
  const double peak = peak_memory(at::kCPU, [&] { x.square().pow(3).sum().backward(); });
  EXPECT_GE(peak, 3 * 4000);
  EXPECT_LE(peak, 7 * 4000);
}

TEST(StepMemory, ByHand) {
  EXPECT_EQ(kNeed.of(4), 140);
  EXPECT_EQ(largest_batch(kNeed, 179), 7);
  EXPECT_EQ(largest_batch(kNeed, 180), 8);
  EXPECT_EQ(largest_batch(kNeed, 179, 4), 4);
  EXPECT_EQ(largest_batch(kNeed, 99), 0);
  EXPECT_EQ(largest_batch(kNeed, 105), 0);
}

TEST(StepMemory, AnImpossibleBatchIsRefusedWithTheLargest) {
  const auto error_at = [](std::int64_t pictures, double available, std::int64_t multiple = 1) {
    return testing::error_of(
        [&] { require_memory(kNeed, pictures, available, "inversion", "inversion.batch_size", multiple); });
  };
  EXPECT_NO_THROW(require_memory(kNeed, 8, 180, "inversion", "inversion.batch_size"));
  EXPECT_NO_THROW(require_memory(kNeed, 9, 175, "inversion", "inversion.batch_size"));  // within the tenth
  const Error error = error_at(12, 180);
  EXPECT_EQ(error.kind(), ErrorKind::usage);
  EXPECT_THAT(error.message(), HasSubstr("'inversion'"));
  EXPECT_THAT(error.message(), HasSubstr("batches of 12"));
  EXPECT_THAT(error.remedy(), HasSubstr("inversion.batch_size=8 "));
  EXPECT_THAT(error_at(12, 175, 4).remedy(), HasSubstr("inversion.batch_size=4 "));
  EXPECT_THAT(error_at(1, 50).remedy(), HasSubstr("smaller network"));
}

TEST(FreeMemory, OfTheProcessorIsMoreThanNothing) {
  const auto available = free_memory(at::kCPU);
  ASSERT_TRUE(available.has_value());
  EXPECT_GT(*available, 1e6);
  EXPECT_LT(*available, 1e14);
}

}  // namespace
}  // namespace mien::nn
