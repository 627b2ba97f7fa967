// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/image/image.h"
#include "mien/present/explainer.h"
#include "mien/present/sheet.h"
#include "support/temp_dir.h"
#include "support/tiny_model.h"

namespace mien::present {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

recognise::RecognizedFace face_with(std::vector<face::FaceValues> features) {
  recognise::RecognizedFace face;
  face.probabilities.assign(8, 0.125f);
  recognise::Evidence& e = face.evidence.emplace();
  e.crop.pixels = cv::Mat(8, 8, CV_8UC1, cv::Scalar(0));
  e.crop.image_from_crop = {2, 0, 10, 20};  // twice as large, shifted by (10, 20)
  e.view = cv::Mat(recognise::kViewSide, recognise::kViewSide, CV_8UC3, cv::Scalar::all(0));
  e.occlusion.values.assign(recognise::kOcclusionCells * recognise::kOcclusionCells, 0);
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
  card.outputs.push_back({recognise::kActivationMaps, "activations", "real"});
  recognise::Evidence& e = *face.evidence;
  e.maps.push_back({recognise::kActivationMaps, {3, 2, 2}, std::vector<float>(12, 1)});
  EXPECT_TRUE(evidence_of(face, card).groups.empty());
  e.score = recognise::ScoreMap{1, 2, 3, {recognise::kActivationMaps, {1, 2, 2}, {0, 0, 0, 4}}};
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

PictureReport recognised(const std::filesystem::path& model, std::size_t num_faces = 1) {
  recognise::RecognizerOptions options;
  options.model = model;
  options.use_detector = false;
  options.explain = true;
  image::Image image(16, 16, CV_8UC3, cv::Scalar::all(128));
  image(cv::Rect(0, 0, 8, 8)).setTo(cv::Scalar::all(255));
  PictureReport report{"pictures/a & b.png", recognise::Recognizer(options).recognize(image), {}};
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
    return sheet(lay_out(report, annotated, {evidence_of(report.recognition.faces[0], card)}, card));
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
  const auto drawn = [&] {
    return sheet(lay_out(report, annotated, {evidence_of(report.recognition.faces[0], card)}, card));
  };
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

TEST_F(Explaining, ExplanationsAreWrittenForThePictureAndItsFaces) {
  write_file(dir_ / "d.onnx", testing::tiny_detector());
  face::ModelCard card = testing::tiny_detector_card();
  image::Image picture(16, 16, CV_8UC3, cv::Scalar::all(0));
  picture(cv::Rect(8, 0, 8, 8)).setTo(cv::Scalar::all(255));
  recognise::RecognizerOptions options;
  options.model = dir_ / "d.onnx";
  options.explain = true;
  PictureReport report{"a.png", recognise::Recognizer(options).recognize(picture), {}};
  ASSERT_EQ(report.recognition.faces.size(), 1u);
  EXPECT_GT(report.recognition.times.explain, 0);
  // As a network with scans has them.
  card.outputs.push_back({"steps_p4", "step sizes", ">= 0", 8, 4, {}, face::OutputKind::maps});
  card.outputs.push_back({"gates_p4", "gates", "0..1", 0, 0, {}, face::OutputKind::features});
  report.recognition.evidence->maps = {{"steps_p4", {2, 2, 2}, {1, 2, 3, 4, 5, 5, 5, 5}}};
  report.recognition.evidence->gates = {{"gates_p4", {}, {0.25f, 1}}};
  Explainer explainer(dir_ / "out", card);
  const Json json = explainer.add(report, picture, "a");
  explainer.finish();
  EXPECT_EQ(json["picture"]["maps"].size(), 3u);  // heat map, two directions
  EXPECT_EQ(json["picture"]["maps"][2]["unit"], "rows reversed");
  EXPECT_EQ(json["picture"]["gates"][0]["gates"], Json({0.25, 1.0}));
  std::vector<std::string> outputs;
  for (const auto& map : json["faces"][0]["maps"]) outputs.push_back(map["output"]);
  EXPECT_THAT(outputs, ElementsAre("occlusion", "receptive_field"));
  EXPECT_EQ(json["faces"][0]["box"]["stride"], 8);
  for (const char* file :
       {"sheets/a.png", "maps/a/picture-heat_map.jpg", "maps/a/picture-steps_p4-2.jpg", "maps/a/picture-gates_p4.jpg",
        "maps/a/face1-receptive_field-1.jpg", "maps/a/face1-crop.jpg"})
    EXPECT_FALSE(image::load_image(dir_ / "out" / file).empty()) << file;
  const std::string html = read_file(dir_ / "out" / "explain.html");
  EXPECT_THAT(html, HasSubstr("Heat map"));
  EXPECT_THAT(html, HasSubstr("Orders of the scans"));
  EXPECT_THAT(html, HasSubstr("receptive_field"));
  EXPECT_THAT(html, Not(HasSubstr("the whole picture is the face")));
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
}  // namespace mien::present
