// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/box_evidence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/file.h"
#include "mien/image/image.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace mien::recognise {
namespace {

using ::testing::ElementsAre;

/// The tiny detector: objectness 20 q and class logit 4 q from the mean q of a quarter, -1 black to 1 white.
class BoxEvidenceTest : public ::testing::Test {
 protected:
  BoxEvidenceTest() {
    setenv("MIEN_CACHE", (dir_ / "cache").c_str(), 1);
    write_file(dir_ / "d.onnx", testing::tiny_detector());
    session_.emplace(runtime::ExpressionModel::load(dir_ / "d.onnx"));
    picture_(cv::Rect(8, 0, 8, 8)).setTo(cv::Scalar::all(255));
    whole_ = image::fit_whole(picture_, 16, 16, 1);
    found_ = session_->boxes({whole_.pixels.data, 256}, 1, 16, 16, {}).at(0);
  }

  testing::TempDir dir_;
  std::optional<runtime::BoxSession> session_;
  face::ModelCard card_ = testing::tiny_detector_card();
  image::Image picture_ = image::Image(16, 16, CV_8UC3, cv::Scalar::all(0));
  image::WholePicture whole_;
  std::vector<face::ScoredBox> found_;
};

TEST_F(BoxEvidenceTest, TheHeatMapHasTheScoresOfTheCells) {
  const PictureEvidence picture = picture_evidence(*session_, picture_, whole_, card_);
  ASSERT_EQ(picture.view.size(), cv::Size(512, 512));
  ASSERT_EQ(picture.heat.size(), cv::Size(512, 512));
  EXPECT_NEAR(picture.heat.at<float>(127, 384), 0.982014, 1e-4);  // centre of the white quarter: σ(20)·σ(4)
  EXPECT_NEAR(picture.heat.at<float>(384, 127), 0, 1e-4);
  EXPECT_NEAR(picture.heat.at<float>(127, 256), 0.491, 2e-3);  // half way between two cells
  EXPECT_TRUE(picture.maps.empty());
  const BoxEvidence box = box_evidence(found_.at(0), picture, card_);
  EXPECT_EQ(box.stride, 8);
  EXPECT_NEAR(box.class_score, 0.982014, 1e-4);
  EXPECT_NEAR(box.objectness, 1, 1e-4);
}

TEST_F(BoxEvidenceTest, TheReceptiveFieldIsTheDerivative) {
  const auto fields = receptive_fields(*session_, whole_, found_, card_);
  ASSERT_EQ(fields.size(), 1u);
  // The log-odds are 4 q, and a pixel is 1/64 of q; one grey level is 2/255 of the input's scale.
  for (int cell = 0; cell < kFieldCells * kFieldCells; ++cell) {
    const bool is_white = cell % 16 >= 8 && cell / 16 < 8;
    EXPECT_NEAR(fields[0][static_cast<std::size_t>(cell)], is_white ? 4.0 * 2 / 255 / 64 : 0, 2e-6) << cell;
  }
  EXPECT_TRUE(receptive_fields(*session_, whole_, {}, card_).empty());
}

TEST_F(BoxEvidenceTest, CoveringAQuarterOfTheFaceTakesAQuarterOfItsLogOdds) {
  const cv::Rect window = window_of(found_[0].box);  // the box is 8 × 8 at (8, 0)
  EXPECT_EQ(window, cv::Rect(4, -4, 16, 16));
  const OcclusionMap map = box_occlusion(*session_, whole_, found_[0], card_);
  EXPECT_EQ(map.target, 0u);
  // Cell (5, 5) covers x 9..13, y 1..5 with the grey 128, 0.0039 on the input's scale: q = (48 + 16 · 0.0039) / 64.
  EXPECT_NEAR(map.values[5 * kOcclusionCells + 5], 4 * (1 - 0.750980), 1e-3);
  EXPECT_NEAR(map.values[0], 0, 1e-6);                     // outside the picture
  EXPECT_NEAR(map.values[11 * kOcclusionCells], 0, 1e-4);  // another quarter
  EXPECT_NEAR(map.probability, 0.982014, 1e-4);
  EXPECT_NEAR(map.least, 0.952746, 1e-3);  // σ(4 · 0.750980)
  const image::Crop crop = window_crop(whole_, found_[0].box);
  EXPECT_EQ(crop.pixels.size(), cv::Size(16, 16));
  EXPECT_EQ(crop.pixels.at<unsigned char>(0, 0), face::kBorderGrey);
  EXPECT_EQ(crop.pixels.at<unsigned char>(4, 4), 255);  // corner of the white quarter
  EXPECT_NEAR(crop.outside, 1 - 12.0 * 12 / 256, 1e-6);
  EXPECT_EQ(crop.image_from_crop.apply({4, 4}), (face::Point{8, 0}));
}

TEST_F(BoxEvidenceTest, StepSizesInTheBoxAreComparedWithThePicture) {
  PictureEvidence picture;
  picture.maps = {{"steps_p4", {2, 2, 2}, {1, 2, 3, 4, 5, 5, 5, 5}}};
  const BoxEvidence box = box_evidence(found_[0], picture, card_);
  ASSERT_EQ(box.steps.size(), 1u);
  EXPECT_THAT(box.steps[0].labels, ElementsAre("rows", "rows reversed"));
  EXPECT_NEAR(box.steps[0].values[0], 2 / 2.5, 1e-6);  // cell 1 against the mean
  EXPECT_NEAR(box.steps[0].values[1], 1, 1e-6);
  EXPECT_THAT(direction_names(3), ElementsAre("1", "2", "3"));
}

}  // namespace
}  // namespace mien::recognise
