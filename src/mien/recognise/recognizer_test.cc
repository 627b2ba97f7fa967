// SPDX-License-Identifier: Apache-2.0
// The whole way with a network that can be worked out by hand; finding faces needs the fetched detectors.
#include "mien/recognise/recognizer.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <opencv2/imgproc.hpp>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/detect/letterbox.h"
#include "mien/image/draw.h"
#include "mien/recognise/quality.h"
#include "mien/recognise/recognition_stream.h"
#include "mien/runtime/assets.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace mien::recognise {
namespace {

class RecognizerTest : public ::testing::Test {
 protected:
  void SetUp() override { write_file(dir_ / "tiny.onnx", testing::tiny_model()); }
  RecognizerOptions options(bool use_detector) {
    RecognizerOptions o;
    o.model = dir_ / "tiny.onnx";
    o.use_detector = use_detector;
    return o;
  }
  testing::TempDir dir_;
};

TEST_F(RecognizerTest, FaceCropsByHand) {
  Recognizer recognizer(options(false));
  EXPECT_EQ(recognizer.detector_name(), "none");
  const Recognition r = recognizer.recognize(image::Image(8, 8, CV_8UC3, cv::Scalar::all(255)));
  ASSERT_EQ(r.faces.size(), 1u);
  EXPECT_EQ(r.faces[0].detection.box.width, 8);
  EXPECT_FALSE(r.faces[0].detection.landmarks);
  // Logits 1, 1, 0 ... 0.
  const double e = std::exp(1.0);
  EXPECT_NEAR(r.faces[0].probabilities[0], e / (2 * e + 6), 1e-5);
  EXPECT_EQ(r.faces[0].best, 0u);
  EXPECT_THAT(r.faces[0].notes, ::testing::ElementsAre("flat: almost no contrast"));
}

TEST_F(RecognizerTest, AModelThatFindsBoxesNeedsNoDetector) {
  write_file(dir_ / "tiny.onnx", testing::tiny_detector());
  Recognizer recognizer(options(true));  // the default detector is not even looked for
  EXPECT_EQ(recognizer.detector_name(), "model");
  // Four times the input's size; the upper right quarter is white.
  image::Image image(64, 64, CV_8UC3, cv::Scalar::all(0));
  image(cv::Rect(32, 0, 32, 32)).setTo(cv::Scalar::all(255));
  Recognition r = recognizer.recognize(image);
  ASSERT_EQ(r.faces.size(), 1u);
  EXPECT_NEAR(r.faces[0].detection.box.x, 32, 1e-4);
  EXPECT_NEAR(r.faces[0].detection.box.y, 0, 1e-4);
  EXPECT_NEAR(r.faces[0].detection.box.width, 32, 1e-4);
  EXPECT_EQ(r.faces[0].best, 0u);
  EXPECT_NEAR(r.faces[0].probabilities[0], 0.982 / (0.982 + 0.5), 0.01);
  EXPECT_NEAR(r.faces[0].probabilities[0] + r.faces[0].probabilities[1], 1, 1e-6);
  EXPECT_EQ(Recognizer(recognizer).recognize(image).faces.size(), 1u);
  auto refused = options(true);
  refused.flip = true;
  EXPECT_THROW(Recognizer{refused}, Error);
}

TEST_F(RecognizerTest, TheModelsOwnValuesComeWithEachFace) {
  const image::Image white(8, 8, CV_8UC3, cv::Scalar::all(255));
  EXPECT_TRUE(Recognizer(options(false)).recognize(white).faces.at(0).values.empty());  // a file without any
  auto card = testing::tiny_card_with_values();
  write_file(dir_ / "tiny.onnx", testing::tiny_model(card));
  const auto values = Recognizer(options(false)).recognize(white).faces.at(0).values;
  ASSERT_EQ(values.size(), 1u);
  EXPECT_NEAR(values[0].values.at(1), 0.731059, 1e-5);
  card.outputs.back().labels.pop_back();
  write_file(dir_ / "tiny.onnx", testing::tiny_model(card));
  EXPECT_THROW(Recognizer(options(false)), Error);  // at once, not at the first face
}

TEST_F(RecognizerTest, TemperatureAndThresholdOfTheCard) {
  face::ModelCard card = testing::tiny_card();
  card.temperature = 0.5;
  const double e = std::exp(2.0), p = e / (2 * e + 6);  // logits 1, 1, 0 ... 0 over 0.5
  card.calibration = face::Calibration{.table = {{0.02, p + 0.01, 0.2, 0.01}, {0.1, p - 0.01, 0.8, 0.05}}};
  write_file(dir_ / "tiny.onnx", testing::tiny_model(card));
  const image::Image white(8, 8, CV_8UC3, cv::Scalar::all(255));
  auto unsure_at = [&](double risk) {
    auto o = options(false);
    o.abstain_risk = risk;
    const auto f = Recognizer(o).recognize(white).faces.at(0);
    EXPECT_NEAR(f.probabilities[0], p, 1e-5);
    return f.unsure;
  };
  EXPECT_EQ(unsure_at(0), std::nullopt);
  EXPECT_EQ(unsure_at(0.05), true);
  EXPECT_EQ(unsure_at(0.1), false);
  EXPECT_THROW(unsure_at(0.01), Error);
  write_file(dir_ / "tiny.onnx", testing::tiny_model());
  EXPECT_THROW(unsure_at(0.1), Error);  // not calibrated
}

TEST_F(RecognizerTest, FlipMakesLeftAndRightEqual) {
  image::Image half(8, 8, CV_8UC3, cv::Scalar::all(0));
  half.colRange(0, 4).setTo(cv::Scalar::all(255));
  Recognizer plain(options(false));
  auto with_flip = options(false);
  with_flip.flip = true;
  Recognizer flipped(with_flip);
  EXPECT_GT(plain.recognize(half).faces[0].probabilities[0], 2 * plain.recognize(half).faces[0].probabilities[1]);
  const auto p = flipped.recognize(half).faces[0].probabilities;
  EXPECT_NEAR(p[0], p[1], 1e-6);
}

TEST_F(RecognizerTest, EvidenceOfACropByHand) {
  write_file(dir_ / "maps.onnx", testing::tiny_model(testing::tiny_card_with_maps()));
  auto o = options(false);
  o.model = dir_ / "maps.onnx";
  EXPECT_FALSE(Recognizer(o).recognize(image::Image(16, 16, CV_8UC3, cv::Scalar::all(255))).faces[0].evidence);
  o.explain = true;
  image::Image half(16, 16, CV_8UC3, cv::Scalar::all(128));  // the grey of the card's mean
  half.colRange(0, 8).setTo(cv::Scalar::all(255));
  const Recognition r = Recognizer(o).recognize(half);
  ASSERT_TRUE(r.faces[0].evidence);
  const Evidence& e = *r.faces[0].evidence;
  EXPECT_EQ(e.crop.pixels.cols, 8);
  EXPECT_EQ(e.crop.image_from_crop.scale(), 2);
  EXPECT_EQ(e.view.cols, kViewSide);
  ASSERT_EQ(e.maps.size(), 1u);
  EXPECT_NEAR(e.maps[0].values[0], 1, 0.1);
  EXPECT_NEAR(e.maps[0].values[1], 0, 0.1);
  EXPECT_GT(r.times.explain, 0);
  // Class 0 is the brightness of the left half: covering it there takes probability away, on the right nothing.
  EXPECT_EQ(e.occlusion.target, 0u);
  ASSERT_EQ(e.occlusion.values.size(), 144u);
  EXPECT_NEAR(e.occlusion.values[6 * 12 + 2], 0.12, 0.02);  // 4 of 32 crop pixels: an eighth of logit 1
  EXPECT_NEAR(e.occlusion.probability, r.faces[0].probabilities[0], 1e-5);
  EXPECT_LT(e.occlusion.least, e.occlusion.probability - 0.02);
  EXPECT_NEAR(e.occlusion.values[6 * 12 + 10], 0, 1e-3);
}

TEST_F(RecognizerTest, MissingModelsAreNamed) {
  auto o = options(false);
  o.model = dir_ / "none.onnx";
  try {
    Recognizer recognizer(o);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::missing);
    EXPECT_THAT(error.message(), ::testing::HasSubstr("none.onnx"));
  }
}

TEST(CropChoice, Words) {
  EXPECT_EQ(crop_choice("eyes").kind, CropChoice::Kind::eyes);
  EXPECT_EQ(crop_choice("card:1.1").scale, 1.1);
  EXPECT_EQ(crop_choice("box:0.9").kind, CropChoice::Kind::box);
  for (const char* bad : {"", "cards", "card:", "card:0", "card:9", "box:1:2"})
    EXPECT_THROW(crop_choice(bad), Error) << bad;
}

TEST(DetectorKindTest, Words) {
  EXPECT_EQ(detect::detector_kind("blazeface"), detect::DetectorKind::blazeface);
  for (const auto& name : detect::detector_names()) EXPECT_EQ(to_string(detect::detector_kind(name)), name);
  try {
    detect::detector_kind("blazface");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::usage);
    EXPECT_THAT(error.remedy(), ::testing::HasSubstr("'blazeface'"));
  }
}

TEST(LetterboxTest, WideAndTallWindowsKeepTheirShape) {
  const image::Image image(100, 400, CV_8UC3, cv::Scalar::all(9));
  const detect::Letterbox whole = detect::letterbox(image, {0, 0, 400, 100}, 128, 128);
  EXPECT_EQ(whole.pixels.at<cv::Vec3b>(47, 64)[0], 0);  // 128 × 32 in the middle
  EXPECT_EQ(whole.pixels.at<cv::Vec3b>(48, 0)[0], 9);
  EXPECT_EQ(whole.pixels.at<cv::Vec3b>(79, 127)[0], 9);
  EXPECT_EQ(whole.pixels.at<cv::Vec3b>(80, 64)[0], 0);
  const face::Point corner = whole.image_from_input.apply({0, 48}), end = whole.image_from_input.apply({128, 80});
  EXPECT_NEAR(corner.x, 0, 1e-3);
  EXPECT_NEAR(corner.y, 0, 1e-3);
  EXPECT_NEAR(end.x, 400, 1e-3);
  EXPECT_NEAR(end.y, 100, 1e-3);
  const detect::Letterbox window = detect::letterbox(image, {300, 0, 50, 100}, 200, 200);
  EXPECT_NEAR(window.image_from_input.apply({50, 0}).x, 300, 1e-3);  // twofold, 100 × 200 in the middle
  std::vector<face::Detection> found = {
      {{50, 0, 20, 10}, 1, face::Landmarks{{50, 0}, {52, 0}, {51, 1}, {50, 2}, {52, 2}}}};
  detect::map_to_image(found, window.image_from_input);
  EXPECT_NEAR(found[0].box.x, 300, 1e-3);
  EXPECT_NEAR(found[0].box.width, 10, 1e-3);
  EXPECT_NEAR(found[0].landmarks->right_eye.x, 301, 1e-3);
}

TEST(Quality, BlurLowersSharpnessAndIsNoted) {
  image::Crop crop{cv::Mat(48, 48, CV_8UC1), 0, 96};
  cv::randu(crop.pixels, 0, 255);
  const double sharp = sharpness(crop.pixels);
  EXPECT_TRUE(notes_on(crop, 48).empty());
  cv::Mat exact;
  crop.pixels.convertTo(exact, CV_32F);
  cv::GaussianBlur(exact, exact, {}, 4);
  cv::normalize(exact, crop.pixels, 0, 255, cv::NORM_MINMAX, CV_8U);
  EXPECT_LT(sharpness(crop.pixels), sharp / 20);
  EXPECT_THAT(notes_on(crop, 48), ::testing::ElementsAre("blurred"));
}

TEST(Quality, SmallAndCutOffFacesAreNoted) {
  image::Crop crop{cv::Mat(48, 48, CV_8UC1), 0.25f, 24};
  cv::randu(crop.pixels, 0, 255);
  EXPECT_THAT(notes_on(crop, 48),
              ::testing::ElementsAre("small: 24 px wide, trained on 48", "cut off: 25 % outside the picture"));
}

/// The sample portrait; the test is skipped where set-up has not fetched the files.
class RealFaces : public RecognizerTest {
 protected:
  void SetUp() override {
    RecognizerTest::SetUp();
    try {
      portrait_ = image::load_image(runtime::require_asset("samples/astronaut.png"));
      for (const char* file : {"models/centerface.onnx", "models/yunet.onnx"}) runtime::require_asset(file);
    } catch (const Error& error) {
      GTEST_SKIP() << error.message() << " " << error.remedy();
    }
  }
  /// A folder with 0.png … 3.png, turned by quarters.
  std::filesystem::path all_turns() const {
    const auto folder = dir_ / "turns";
    std::filesystem::create_directory(folder);
    image::Image turned = portrait_;
    for (int quarters = 0; quarters < 4; ++quarters) {
      image::write_image(folder / fmt::format("{}.png", quarters), turned);
      cv::rotate(turned.clone(), turned, cv::ROTATE_90_CLOCKWISE);
    }
    return folder;
  }
  static constexpr face::Point kNose{229, 128};  ///< of the portrait, by eye
  image::Image portrait_;
};

TEST_F(RealFaces, EveryDetectorFindsTheFaceAndItsLandmarks) {
  for (const auto kind :
       {detect::DetectorKind::blazeface_short, detect::DetectorKind::blazeface_full, detect::DetectorKind::blazeface,
        detect::DetectorKind::centerface, detect::DetectorKind::yunet, detect::DetectorKind::adaptive}) {
    auto o = options(true);
    o.finder.detector = kind;
    Recognizer recognizer(o);
    const Recognition r = recognizer.recognize(portrait_);
    ASSERT_EQ(r.faces.size(), 1u) << to_string(kind);
    const auto& points = *r.faces[0].detection.landmarks;
    EXPECT_NEAR(points.nose.x, kNose.x, 10) << to_string(kind);
    EXPECT_NEAR(points.nose.y, kNose.y, 10) << to_string(kind);
    EXPECT_LT(points.left_eye.x, points.right_eye.x);
    EXPECT_LT(points.left_mouth.x, points.right_mouth.x);
    EXPECT_GT(points.left_mouth.y, points.nose.y);
  }
}

TEST_F(RealFaces, TheDefaultDetectorSeesThatAFaceIsUpsideDown) {
  image::Image turned;
  cv::rotate(portrait_, turned, cv::ROTATE_180);
  const Recognition r = Recognizer(options(true)).recognize(turned);
  ASSERT_EQ(r.faces.size(), 1u);
  const auto& points = *r.faces[0].detection.landmarks;
  EXPECT_GT(points.left_eye.x, points.right_eye.x);
  EXPECT_LT(points.left_mouth.y, points.nose.y);
}

TEST_F(RealFaces, SmallFacesInWidePicturesAndNoFaceInEmptyOnes) {
  image::Image wide(1200, 3600, CV_8UC3, cv::Scalar::all(60));
  portrait_.copyTo(wide(cv::Rect(2900, 500, portrait_.cols, portrait_.rows)));
  for (const auto kind : {detect::DetectorKind::blazeface, detect::DetectorKind::centerface,
                          detect::DetectorKind::yunet, detect::DetectorKind::adaptive}) {
    auto o = options(true);
    o.finder.detector = kind;
    Recognizer recognizer(o);
    const Recognition r = recognizer.recognize(wide);
    ASSERT_EQ(r.faces.size(), 1u) << to_string(kind);
    EXPECT_NEAR(r.faces[0].detection.landmarks->nose.x, kNose.x + 2900, 10) << to_string(kind);
    EXPECT_TRUE(recognizer.recognize(image::Image(300, 400, CV_8UC3, cv::Scalar::all(128))).faces.empty());
    EXPECT_TRUE(recognizer.recognize(image::Image(1, 1, CV_8UC3, cv::Scalar::all(128))).faces.empty());
    o.min_face_px = 1000;
    EXPECT_TRUE(Recognizer(o).recognize(portrait_).faces.empty());
  }
}

TEST_F(RealFaces, SeveralPicturesAtATimeGiveWhatOneAtATimeGivesInTheSameOrder) {
  const std::string folder = all_turns().string();
  std::vector<std::vector<std::string>> answers;
  for (const int at_a_time : {1, 3}) {
    Recognizer recognizer(options(true));
    PictureStream pictures(collect_inputs({folder, "gone.png", folder}), 2,
                           at_a_time > 1 ? PictureStream::Decoding::when_used : PictureStream::Decoding::ahead);
    RecognitionStream stream(recognizer, pictures, at_a_time);
    auto& lines = answers.emplace_back();
    while (const auto done = stream.next()) {
      std::string line = done->picture.path.filename().string();
      if (done->picture.error) line += " error";
      for (const auto& f : done->recognition.faces)
        line += fmt::format(" {:.3f} {:.1f} {:.4f}", f.detection.score, f.detection.box.x, f.probabilities[0]);
      lines.push_back(line);
    }
  }
  ASSERT_EQ(answers[0].size(), 9u);
  EXPECT_THAT(answers[0][0], ::testing::StartsWith("0.png "));
  EXPECT_EQ(answers[0][4], "gone.png error");
  EXPECT_EQ(answers[0], answers[1]);
}

TEST(PicturesAtATime, OnePerThreadAndFourPicturesForEachRecognizer) {
  EXPECT_EQ(pictures_at_a_time(4, 100), 4);
  EXPECT_EQ(pictures_at_a_time(4, 11), 2);
  EXPECT_EQ(pictures_at_a_time(4, 7), 1);
  EXPECT_EQ(pictures_at_a_time(4, 0), 1);
  EXPECT_EQ(pictures_at_a_time(64, 100), 8);
}

TEST_F(RealFaces, ManyFacesGoThroughInBatches) {
  image::Image grid;
  const image::Image head = portrait_(cv::Rect(110, 0, 256, 256));
  cv::repeat(head, 3, 6, grid);  // 18 faces, more than one batch
  Recognizer recognizer(options(true));
  const Recognition r = recognizer.recognize(grid);
  EXPECT_EQ(r.faces.size(), 18u);
  for (const auto& f : r.faces) EXPECT_NEAR(f.probabilities[0], r.faces[0].probabilities[0], 0.02);
}

}  // namespace
}  // namespace mien::recognise
