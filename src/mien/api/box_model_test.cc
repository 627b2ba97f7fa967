// SPDX-License-Identifier: Apache-2.0
// Both interfaces with a model that detects faces itself; its file is generated here, everything else is public.
#include <gtest/gtest.h>
#include <mien/mien.h>

#include <fstream>
#include <mien/mien.hpp>

#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace {

/// The tiny detector gives a box of 8 × 8 for each white quarter of 16 × 16 pixels: score σ(20)·σ(4).
class BoxModel : public ::testing::Test {
 protected:
  BoxModel() {
    std::ofstream(file_, std::ios::binary) << mien::testing::tiny_detector();
    for (int y = 0; y < 16; ++y)
      for (int x = 8; x < 16 && y < 8; ++x) pixels_[static_cast<std::size_t>(16 * y + x)] = 255;
  }

  mien::testing::TempDir dir_;
  const std::string file_ = (dir_ / "boxes.onnx").string();
  std::vector<std::uint8_t> pixels_ = std::vector<std::uint8_t>(256);
};

TEST_F(BoxModel, FindsFacesWithoutAnotherDetector) {
  mien::Options options;
  options.model = file_;
  const mien::Recognizer recognizer(options);
  EXPECT_EQ(recognizer.classes(), (std::vector<std::string>{"neutral", "happiness"}));
  const mien::Result result = recognizer.recognize(mien::Pixels{pixels_.data(), 16, 16, 0, mien::PixelFormat::grey});
  ASSERT_EQ(result.faces.size(), 1u);
  const mien::Face& face = result.faces[0];
  EXPECT_FLOAT_EQ(face.box.x, 8);
  EXPECT_FLOAT_EQ(face.box.y, 0);
  EXPECT_FLOAT_EQ(face.box.width, 8);
  EXPECT_NEAR(face.detection_score, 0.982014, 1e-4);
  EXPECT_FALSE(face.landmarks.has_value());
  EXPECT_EQ(face.expression, "neutral");
  EXPECT_NEAR(face.probabilities.at(0), 0.982014 / (0.982014 + 0.5), 1e-4);
}

TEST_F(BoxModel, ADetectorBesideItIsAUsageError) {
  for (const char* detector : {"blazeface", "none"}) {
    mien::Options options;
    options.model = file_;
    options.detector = detector;
    try {
      const mien::Recognizer recognizer(options);
      FAIL() << detector;
    } catch (const mien::Error& error) {
      EXPECT_EQ(error.kind(), mien::ErrorKind::usage);
      EXPECT_NE(std::string(error.what()).find("detects faces itself"), std::string::npos) << error.what();
    }
  }
}

TEST_F(BoxModel, WorksInC) {
  mien_options options = mien_default_options();
  options.model = file_.c_str();
  mien_recognizer* recognizer = mien_recognizer_new(&options);
  ASSERT_NE(recognizer, nullptr) << mien_last_error();
  mien_result* result = mien_recognize_pixels(recognizer, pixels_.data(), 16, 16, 0, MIEN_GREY);
  ASSERT_NE(result, nullptr) << mien_last_error();
  ASSERT_EQ(result->num_faces, 1u);
  EXPECT_FLOAT_EQ(result->faces[0].box[0], 8);
  EXPECT_EQ(result->faces[0].has_landmarks, 0);
  EXPECT_STREQ(result->faces[0].expression, "neutral");
  mien_result_free(result);
  mien_recognizer_free(recognizer);

  options.detector = "blazeface";
  EXPECT_EQ(mien_recognizer_new(&options), nullptr);
  EXPECT_EQ(mien_last_error_kind(), MIEN_USAGE);
  EXPECT_NE(std::string(mien_last_error()).find("detects faces itself"), std::string::npos);
}

}  // namespace
