// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/phanet/pose_watch.h"

#include <gtest/gtest.h>

namespace mien::methods::phanet {
namespace {

TEST(PoseWatch, AccuracyAndMeanWeightsByPose) {
  PoseWatch watch(3);
  EXPECT_TRUE(watch.record().empty());
  // Answers 0, 2, 1, 1 for the poses 0, 1, unknown, 1.
  const at::Tensor logits = torch::tensor({{1.f, 0.f, 0.f}, {0.f, 0.f, 1.f}, {0.f, 1.f, 0.f}, {0.f, 1.f, 0.f}});
  const at::Tensor weights = torch::tensor({{1.f, 0.f}, {0.5f, 0.5f}, {0.f, 1.f}, {0.f, 1.f}});
  watch.add(logits, torch::tensor({0, 1, -1, 1}, at::kLong), weights);
  const Json record = watch.record();
  EXPECT_NEAR(record.at("pose_accuracy").get<double>(), 2.0 / 3, 1e-12);
  EXPECT_DOUBLE_EQ(record.at("scale_weights_pose_1").at("scale_0").get<double>(), 0.25);
  EXPECT_DOUBLE_EQ(record.at("scale_weights_pose_1").at("scale_1").get<double>(), 0.75);
  EXPECT_FALSE(record.contains("scale_weights_pose_2"));
  EXPECT_DOUBLE_EQ(record.at("scale_shift").get<double>(), 0.75);  // (1, 0) against (0.25, 0.75)
}

}  // namespace
}  // namespace mien::methods::phanet
