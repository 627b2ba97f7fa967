// SPDX-License-Identifier: Apache-2.0
#include "mien/train/checkpoint.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "support/temp_dir.h"

namespace mien::train {
namespace {

CheckpointInfo small_info() {
  CheckpointInfo info;
  info.config = {{"method", "none"}};
  info.facts.classes = {"neutral", "anger"};
  info.provenance.data_set = "FER+";
  return info;
}

TEST(Checkpoint, ACalibrationGoesInAndNothingElseChanges) {
  const testing::TempDir dir;
  auto metadata = to_metadata(small_info());
  metadata["mien.progress"] = "{}";
  const at::Tensor weight = torch::arange(6).reshape({2, 3}).to(at::kFloat);
  nn::write_safetensors(dir / "best.safetensors", {{"fc.weight", weight}}, metadata);
  EXPECT_FALSE(info_from(nn::read_safetensors(dir / "best.safetensors").metadata, "best").calibration);

  store_calibration(dir / "best.safetensors", 1.5, {.table = {{0.1, 0.5, 0.9, 0.05}}});
  const auto file = nn::read_safetensors(dir / "best.safetensors");
  EXPECT_TRUE(file.at("fc.weight").equal(weight));
  EXPECT_EQ(file.metadata.at("mien.progress"), "{}");
  const auto info = info_from(file.metadata, "best");
  EXPECT_EQ(info.temperature, 1.5);
  ASSERT_TRUE(info.calibration);
  EXPECT_EQ(info.calibration->table.at(0).threshold, 0.5);
  EXPECT_EQ(info.provenance.data_set, "FER+");
}

TEST(Checkpoint, ABrokenCalibrationIsRefused) {
  CheckpointInfo info = small_info();
  info.calibration = face::Calibration{};
  info.temperature = -1;
  EXPECT_THROW(info_from(to_metadata(info), "a"), Error);
}

}  // namespace
}  // namespace mien::train
