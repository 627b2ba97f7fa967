// SPDX-License-Identifier: Apache-2.0
#include "mien/nn/cross_entropy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/error.h"

namespace mien::nn {
namespace {

TEST(CrossEntropy, EqualsHandWorkedValue) {
  const auto logits = torch::tensor({{0.0f, std::log(3.0f)}, {0.0f, 0.0f}});
  const auto target = torch::tensor({{0.0f, 1.0f}, {0.25f, 0.75f}});
  // First row: -ln(3/4); second row: ln 2.
  EXPECT_NEAR(cross_entropy(logits, target).item<float>(), (-std::log(0.75f) + std::log(2.0f)) / 2, 1e-6);
}

TEST(CrossEntropy, RefusesDifferentShapes) {
  EXPECT_THROW(cross_entropy(torch::zeros({2, 3}), torch::zeros({2, 4})), Error);
}

TEST(BlendTarget, MixesVotesAndMajority) {
  const auto votes = torch::tensor({{0.6f, 0.4f}});
  const auto mixed = blend_target(votes, torch::tensor({std::int64_t{0}}), 0.7);
  EXPECT_NEAR(mixed[0][0].item<float>(), 0.7 * 0.6 + 0.3, 1e-6);
  EXPECT_NEAR(mixed[0][1].item<float>(), 0.28, 1e-6);
  EXPECT_EQ(blend_target(votes, torch::tensor({std::int64_t{1}}), 0)[0][1].item<float>(), 1.0f);
}

}  // namespace
}  // namespace mien::nn
