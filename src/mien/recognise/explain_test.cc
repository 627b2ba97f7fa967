// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/image/image.h"
#include "mien/recognise/explainer.h"
#include "mien/recognise/sheet.h"
#include "mien/recognise/text.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace mien::recognise {
namespace {

using ::testing::HasSubstr;

// Cells centred on pixels 0 and 32 of 64: the middle between them is at pixel 16, a quarter of the side.
TEST(HeatMap, LiesWhereTheCardSays) {
  const face::OutputSpec spec{"class_maps", "", "real", 32, 0.5f};
  const CellAxis axis = cell_axis(spec, 2, 64);
  EXPECT_NEAR(axis.centre(0), 0.5 / 64, 1e-9);
  EXPECT_NEAR(axis.centre(1), 32.5 / 64, 1e-9);
  const std::vector<float> cells{0, 8, 0, 8};
  const cv::Mat field = enlarge(cells, axis, axis, 64);
  EXPECT_EQ(field.at<float>(5, 0), 0);    // pixel 0 is the first cell's centre
  EXPECT_EQ(field.at<float>(5, 16), 4);   // half way
  EXPECT_EQ(field.at<float>(5, 32), 8);   // the second cell's centre
  EXPECT_EQ(field.at<float>(63, 63), 8);  // beyond it: its value continues
  // A card that says nothing: cells share the side evenly, centres at a quarter and three quarters.
  const CellAxis even = cell_axis({"class_maps", "", "real"}, 2, 64);
  EXPECT_NEAR(even.centre(0), 0.25, 1e-9);
  EXPECT_NEAR(enlarge(cells, even, even, 64).at<float>(0, 31), 4, 0.2);
  EXPECT_THROW(enlarge(cells, axis, CellAxis{3, 0, 1}, 64), Error);
}

TEST(HeatMap, RowsAndColumnsAreNotMixedUp) {
  const std::vector<float> cells{1, 2, 3, 4, 5, 6};  // two rows of three
  const cv::Mat field = enlarge(cells, even_axis(2), even_axis(3), 60);
  EXPECT_EQ(field.at<float>(0, 0), 1);
  EXPECT_EQ(field.at<float>(0, 59), 3);
  EXPECT_EQ(field.at<float>(59, 0), 4);
  EXPECT_NEAR(field.at<float>(0, 29), 2, 0.05);
}

TEST(HeatMap, ColoursTellSigns) {
  const Scale scale = scale_of(std::vector<float>{-1, 0, 4});
  EXPECT_TRUE(scale.is_signed());
  EXPECT_EQ(scale.low, -4);
  EXPECT_EQ(scale.high, 4);
  const Scale plain = scale_of(std::vector<float>{3, 9});
  EXPECT_EQ(plain.low, 3);
  EXPECT_EQ(plain.high, 9);
  EXPECT_EQ(scale_of(std::vector<float>{0, 0.01f}, 0.05).high, 0.05);
  const cv::Mat view(1, 3, CV_8UC3, cv::Scalar(0, 200, 0));
  const cv::Mat field = (cv::Mat_<float>(1, 3) << -4, 0, 4);
  const cv::Mat painted = paint(view, field, scale);
  const auto cold = painted.at<cv::Vec3b>(0, 0), none = painted.at<cv::Vec3b>(0, 1), warm = painted.at<cv::Vec3b>(0, 2);
  EXPECT_GT(cold[0], cold[2] + 30);
  EXPECT_GT(warm[2], warm[0] + 30);
  EXPECT_EQ(none[0], none[2]);  // grey
  EXPECT_THROW(paint(view, cv::Mat(2, 2, CV_32F), scale), Error);
}

RecognizedFace face_with(std::vector<face::FaceValues> features) {
  RecognizedFace face;
  face.probabilities.assign(8, 0.125f);
  Evidence& e = face.evidence.emplace();
  e.crop.pixels = cv::Mat(8, 8, CV_8UC1, cv::Scalar(0));
  e.crop.image_from_crop = {2, 0, 10, 20};  // twice as large, shifted by (10, 20)
  e.view = cv::Mat(kViewSide, kViewSide, CV_8UC3, cv::Scalar::all(0));
  e.occlusion.values.assign(kOcclusionCells * kOcclusionCells, 0);
  e.features = std::move(features);
  return face;
}

// Landmarks that the model predicts are dots on the view, one colour per part, and points of the picture in JSON.
TEST(Evidence, ShowsTheLandmarksThatTheModelPredicts) {
  const auto face = face_with({{"landmarks_eyes", {}, {0.25f, 0.5f, 0.75f, 0.5f}},
                               {"other", {}, {0.5f, 0.25f}},
                               {"landmarks_mouth", {}, {0.5f, 0.75f}}});
  face::ModelCard card = testing::tiny_card();
  for (const auto& feature : face.evidence->features) card.outputs.push_back({feature.name, "", "real"});
  const FaceEvidence shown = evidence_of(face, card);
  const auto at = [&](int x, int y) { return shown.view.at<cv::Vec3b>(y, x); };
  const cv::Vec3b black(0, 0, 0);
  EXPECT_NE(at(64, 128), black);
  EXPECT_EQ(at(192, 128), at(64, 128));
  EXPECT_NE(at(128, 192), black);
  EXPECT_NE(at(128, 192), at(64, 128));
  EXPECT_EQ(at(128, 64), black);
  const Json json = summary(shown, tile_names(shown));
  EXPECT_EQ(json["landmarks"].size(), 2u);
  EXPECT_EQ(json["landmarks"]["eyes"], Json({{14.0, 28.0}, {22.0, 28.0}}));
}

// Activations are no map of their own: they are replaced by the Score-CAM of the predicted class.
TEST(Evidence, ShowsScoreCamInsteadOfItsActivations) {
  auto face = face_with({});
  face::ModelCard card = testing::tiny_card();
  card.outputs.push_back({kActivationMaps, "activations", "real"});
  Evidence& e = *face.evidence;
  e.maps.push_back({kActivationMaps, {3, 2, 2}, std::vector<float>(12, 1)});
  EXPECT_TRUE(evidence_of(face, card).groups.empty());
  e.score = ScoreMap{1, 2, 3, {kActivationMaps, {1, 2, 2}, {0, 0, 0, 4}}};
  const FaceEvidence shown = evidence_of(face, card);
  ASSERT_EQ(shown.groups.size(), 1u);
  const MapGroup& group = shown.groups[0];
  EXPECT_EQ(group.output, "score_cam");
  EXPECT_EQ(group.title, "Score-CAM of happiness");
  EXPECT_THAT(group.meaning, HasSubstr("2 of the 3 channels"));
  ASSERT_EQ(group.tiles.size(), 1u);
  EXPECT_EQ(group.tiles[0].peak.x, 10 + 2 * 6);  // centre of the last cell: crop pixel (6, 6)
  EXPECT_EQ(group.tiles[0].peak.y, 20 + 2 * 6);
}

TEST(Text, IsDrawnMeasuredAndShortened) {
  const TextStyle style{20, false, {0, 0, 0}};
  EXPECT_GT(text_width("mmmm", style), 2 * text_width("iiii", style));
  cv::Mat image(40, 200, CV_8UC3, cv::Scalar::all(255));
  draw_text(image, 4, 28, "Fear", style);
  double least = 0;
  cv::minMaxIdx(image, &least, nullptr);
  EXPECT_LT(least, 60);
  EXPECT_EQ(cv::countNonZero(image.colRange(100, 200).reshape(1) != 255), 0);
  draw_text(image, -30, 2, "cut off at every side of the picture, and more than it holds", {60, true});  // no crash
  const std::string name = "ünïcödé-ünïcödé-ünïcödé.jpg", cut = shortened(name, style, 120);
  EXPECT_LE(text_width(cut, style), 120);
  EXPECT_THAT(cut, HasSubstr("…"));
  EXPECT_EQ(shortened(name, style, 1000), name);
  EXPECT_EQ(shortened("\xff\xfe", style, 1000), "\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(shortened("한", style, 1000), "한");
}

recognise::PictureReport recognised(const std::filesystem::path& model, std::size_t num_faces = 1) {
  recognise::RecognizerOptions options;
  options.model = model;
  options.use_detector = false;
  options.explain = true;
  image::Image image(16, 16, CV_8UC3, cv::Scalar::all(128));
  image(cv::Rect(0, 0, 8, 8)).setTo(cv::Scalar::all(255));
  recognise::PictureReport report{"pictures/a & b.png", recognise::Recognizer(options).recognize(image), {}};
  while (report.recognition.faces.size() < num_faces) report.recognition.faces.push_back(report.recognition.faces[0]);
  report.recognition.faces.resize(num_faces);
  return report;
}

class Explaining : public ::testing::Test {
 protected:
  void SetUp() override {
    setenv("MIEN_CACHE", (dir_ / "cache").c_str(), 1);
    write_file(dir_ / "maps.onnx", testing::tiny_model(card_));
    write_file(dir_ / "plain.onnx", testing::tiny_model());
  }
  testing::TempDir dir_;
  face::ModelCard card_ = testing::tiny_card_with_maps();
};

TEST_F(Explaining, EvidenceByHand) {
  const auto report = recognised(dir_ / "maps.onnx");
  const FaceEvidence e = evidence_of(report.recognition.faces[0], card_);
  EXPECT_EQ(e.crop_side, 8);
  EXPECT_EQ(e.scale, 2);
  EXPECT_EQ(e.rotation_deg, 0);
  ASSERT_EQ(e.groups.size(), 1u);
  const MapGroup& group = e.groups[0];
  ASSERT_EQ(group.tiles.size(), 8u);
  EXPECT_EQ(group.tiles[0].unit, "neutral");
  EXPECT_NEAR(group.tiles[0].high, 1, 0.1);
  // The largest cell is the first; its centre, input pixel 0 of 16, is crop place 0.25, picture pixel 0.5.
  EXPECT_NEAR(group.tiles[0].peak.x, 0.5, 1e-3);
  EXPECT_NEAR(group.tiles[0].peak.y, 0.5, 1e-3);
  EXPECT_EQ(tile_names(e).size(), 3u + 8);
  EXPECT_EQ(tile_pictures(e).size(), 3u + 8);
  const Json json = summary(e, tile_names(e));
  EXPECT_EQ(json["maps"].size(), 9u);
  EXPECT_EQ(json["maps"][0]["output"], "occlusion");
  EXPECT_EQ(json["maps"][1]["file"], "class_maps-neutral");
  EXPECT_TRUE(json["model_has_maps"].get<bool>());
}

/// Two blocks of eight heads are no maps of eight classes.
TEST_F(Explaining, MapsWithTwoIndicesAreShownOneByOne) {
  auto report = recognised(dir_ / "maps.onnx");
  face::ModelCard card = card_;
  card.outputs.push_back({"block_head_maps", "attention", "0..1", 8, 0.5f});
  auto& maps = report.recognition.faces[0].evidence->maps;
  maps.push_back({"block_head_maps", {2, 8, 1, 2}, std::vector<float>(32, 0)});
  maps.back().values[2 * 9] = 1;  // block 2, head 2, first cell
  const FaceEvidence e = evidence_of(report.recognition.faces[0], card);
  ASSERT_EQ(e.groups.size(), 2u);
  ASSERT_EQ(e.groups[1].tiles.size(), 16u);
  EXPECT_EQ(e.groups[1].title, "Attention, by block head");
  EXPECT_EQ(e.groups[1].tiles[0].unit, "block head 1.1");
  EXPECT_EQ(e.groups[1].tiles[9].unit, "block head 2.2");
  EXPECT_EQ(e.groups[1].tiles[9].high, 1);
}

TEST_F(Explaining, AModelWithoutMapsStillGivesTheRest) {
  const auto report = recognised(dir_ / "plain.onnx");
  const FaceEvidence e = evidence_of(report.recognition.faces[0], testing::tiny_card());
  EXPECT_TRUE(e.groups.empty());
  EXPECT_EQ(tile_names(e), (std::vector<std::string>{"crop", "input", "occlusion"}));
  EXPECT_FALSE(summary(e, tile_names(e))["model_has_maps"].get<bool>());
}

TEST_F(Explaining, ValuesStandInSheetAndPage) {
  auto card = testing::tiny_card_with_values();
  write_file(dir_ / "values.onnx", testing::tiny_model(card));
  auto report = recognised(dir_ / "values.onnx");
  const image::Image annotated(60, 80, CV_8UC3, cv::Scalar::all(90));
  const auto drawn = [&](std::vector<face::FaceValues> values) {
    report.recognition.faces[0].values = std::move(values);
    return sheet(report, annotated, {evidence_of(report.recognition.faces[0], card)}, card);
  };
  const auto bars = report.recognition.faces[0].values;
  const cv::Mat without = drawn({}), with_bars = drawn(bars), with_number = drawn({{"clarity", {"clarity"}, {0.5f}}});
  EXPECT_GT(cv::norm(without, with_bars), 1000);
  EXPECT_GT(cv::norm(without, with_number), 100);
  card.outputs.push_back(face::face_values("clarity", "how clear it looks", "0..1"));
  report.recognition.faces[0].values = bars;
  report.recognition.faces[0].values.push_back({"clarity", {"clarity"}, {0.5f}});
  Explainer explainer(dir_ / "out", card);
  explainer.add(report, annotated, "one");
  const std::string page = read_file(explainer.finish());
  EXPECT_THAT(page, HasSubstr("brightness of each side."));
  EXPECT_THAT(page, HasSubstr("rest 7"));
  EXPECT_THAT(page, HasSubstr("clarity 0.500"));
}

TEST_F(Explaining, ValuesOfThePredictedClassAreMarksOnTheFacesOwn) {
  auto card = testing::tiny_card_with_values();
  write_file(dir_ / "values.onnx", testing::tiny_model(card));
  auto report = recognised(dir_ / "values.onnx");
  const image::Image annotated(60, 80, CV_8UC3, cv::Scalar::all(90));
  auto& values = report.recognition.faces[0].values;
  ASSERT_EQ(values.size(), 1u);
  EXPECT_EQ(of_class(values, values[0]), nullptr);
  const auto drawn = [&] { return sheet(report, annotated, {evidence_of(report.recognition.faces[0], card)}, card); };
  const cv::Mat alone = drawn();
  card.outputs.push_back(face::face_values("class_sides", "usual in this class", "0..1", values[0].labels));
  values.push_back({"class_sides", values[0].labels, std::vector<float>(values[0].labels.size(), 0.25f)});
  EXPECT_EQ(of_class(values, values[0]), &values[1]);
  EXPECT_GT(cv::norm(alone, drawn()), 100);
  Explainer explainer(dir_ / "marks", card);
  explainer.add(report, annotated, "one");
  const std::string page = read_file(explainer.finish());
  EXPECT_THAT(page, HasSubstr("class=\"mark\""));
  EXPECT_THAT(page, HasSubstr("(class_sides): usual in this class."));
  EXPECT_EQ(page.find("usual in this class."), page.rfind("usual in this class."));  // no figure of its own
}

TEST_F(Explaining, ShapesThatDoNotFitTheCardAreRefused) {
  auto report = recognised(dir_ / "maps.onnx");
  report.recognition.faces[0].evidence->maps[0].shape = {4, 2, 4};
  EXPECT_THROW(evidence_of(report.recognition.faces[0], card_), Error);
  report.recognition.faces[0].evidence.reset();
  EXPECT_THROW(evidence_of(report.recognition.faces[0], card_), Error);
}

TEST_F(Explaining, FilesOfPicturesWithOneManyAndNoFaces) {
  const image::Image annotated(60, 80, CV_8UC3, cv::Scalar::all(90));
  Explainer explainer(dir_ / "out", card_);
  const Json one = explainer.add(recognised(dir_ / "maps.onnx"), annotated, "one");
  EXPECT_EQ(one["faces"].size(), 1u);
  for (const auto& map : one["faces"][0]["maps"]) EXPECT_TRUE(std::filesystem::exists(map["file"].get<std::string>()));
  const Json none = explainer.add(recognised(dir_ / "maps.onnx", 0), annotated, "none");
  EXPECT_TRUE(none["faces"].empty());
  const Json many = explainer.add(recognised(dir_ / "maps.onnx", 12), annotated, "many");
  const auto height = [](const Json& entry) { return image::load_image(entry["sheet"].get<std::string>()).rows; };
  EXPECT_LT(height(none), height(one));
  EXPECT_GT(height(many), 9 * (height(one) - height(none)));  // ten rows and a line about the rest
  EXPECT_LT(height(many), 12 * (height(one) - height(none)));
  explainer.add(recognised(dir_ / "maps.onnx", 55), annotated, "crowd");
  const std::string page = read_file(explainer.finish());
  EXPECT_THAT(page, HasSubstr("a &amp; b.png"));
  EXPECT_THAT(page, HasSubstr("13 of 68 faces are on this page"));
  EXPECT_THAT(page, HasSubstr("No face was detected."));
  EXPECT_THAT(page, HasSubstr("mean of each quarter"));   // the card's own words
  EXPECT_EQ(page.find("http"), page.find("http-equiv"));  // nothing from outside
}

TEST_F(Explaining, ACardsWordsCannotLeaveTheFolder) {
  card_.classes[0] = "../../x y";
  const auto report = recognised(dir_ / "maps.onnx");
  for (const auto& name : tile_names(evidence_of(report.recognition.faces[0], card_)))
    EXPECT_EQ(name.find_first_of("/. "), std::string::npos) << name;
}

TEST_F(Explaining, AFolderThatCannotBeWrittenIsSaidAtOnce) {
  write_file(dir_ / "file", "x");
  try {
    Explainer explainer(dir_ / "file" / "out", card_);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::failed);
    EXPECT_FALSE(error.remedy().empty());
  }
}

}  // namespace
}  // namespace mien::recognise
