// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/score_cam.h"

#include <gtest/gtest.h>

#include <optional>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace mien::recognise {
namespace {

class ScoreCam : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("MIEN_CACHE", (dir_ / "cache").c_str(), 1);
    write_file(dir_ / "tiny.onnx", testing::tiny_model());
    model_ = runtime::ExpressionModel::load(dir_ / "tiny.onnx");
    session_.emplace(model_);
    card_ = model_.card();
    card_.outputs.push_back({kActivationMaps, "activations", "real"});
  }
  ScoreMap score(const runtime::OutputMaps& activations, std::size_t target, const ScoreOptions& options) {
    const cv::Mat white(8, 8, CV_8UC1, cv::Scalar(255));
    return score_cam(*session_, card_, white, activations, target, options);
  }

  testing::TempDir dir_;
  runtime::ExpressionModel model_;
  std::optional<runtime::ExpressionSession> session_;
  face::ModelCard card_;
};

// Logit 0 is the mean of the left half (-1 black, 1 white). Cells are centred at 1/4 and 3/4 of the side; of the four
// left columns (at 1/16, 3/16, 5/16, 7/16) the left cell's mask keeps 1, 1, 7/8, 5/8 of the white, 0.875 on average,
// and the right cell's mask 0.125. Softmax of (0.875, 0.125): 0.679 and 0.321.
TEST_F(ScoreCam, WeightsChannelsByTheLogitThatRemains) {
  const runtime::OutputMaps halves{kActivationMaps, {2, 1, 2}, {2, 0, 0, 1}};
  const ScoreMap left = score(halves, 0, {0});
  EXPECT_EQ(left.target, 0u);
  EXPECT_EQ(left.map.shape, (runtime::Shape{1, 1, 2}));
  EXPECT_NEAR(left.map.values[0], 2 * 0.679, 0.02);
  EXPECT_NEAR(left.map.values[1], 0.321, 0.01);
  const ScoreMap right = score(halves, 1, {0});
  EXPECT_NEAR(right.map.values[0], 2 * 0.321, 0.02);
  EXPECT_NEAR(right.map.values[1], 0.679, 0.01);
}

TEST_F(ScoreCam, EvaluatesTheChannelsWithTheLargestActivation) {
  const runtime::OutputMaps three{kActivationMaps, {3, 1, 2}, {0, 1, 2, 0, 0, 0.5f}};
  std::size_t last_done = 0, last_total = 0;
  const ScoreMap map = score(three, 0, {1, false, [&](std::size_t done, std::size_t total) {
                                          last_done = done;
                                          last_total = total;
                                        }});
  EXPECT_EQ(map.channels, 1u);
  EXPECT_EQ(map.all_channels, 3u);
  EXPECT_EQ(map.map.values, (std::vector<float>{2, 0}));
  EXPECT_EQ(last_done, 1u);
  EXPECT_EQ(last_total, 1u);
  EXPECT_EQ(score(three, 0, {50}).channels, 3u);
}

TEST_F(ScoreCam, CutsOffWhatIsBelowZero) {
  const runtime::OutputMaps against{kActivationMaps, {1, 1, 2}, {-1, 3}};
  EXPECT_EQ(score(against, 0, {0}).map.values, (std::vector<float>{0, 3}));
  const runtime::OutputMaps constant{kActivationMaps, {1, 1, 2}, {-1, -1}};
  EXPECT_EQ(score(constant, 0, {0}).map.values, (std::vector<float>{0, 0}));
}

TEST_F(ScoreCam, RefusesActivationsWithoutChannels) {
  EXPECT_THROW(score({kActivationMaps, {2, 1}, {1, 1}}, 0, {0}), Error);
}

}  // namespace
}  // namespace mien::recognise
