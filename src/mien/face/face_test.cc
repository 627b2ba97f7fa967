// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/error.h"
#include "mien/base/hash.h"
#include "mien/face/card.h"
#include "mien/face/expression.h"
#include "mien/face/prediction.h"

namespace mien::face {
namespace {

TEST(Expression, AliasesAndSets) {
  EXPECT_EQ(expression_from(" Happy "), Expression::happiness);
  EXPECT_EQ(expression_from("NEURAL"), Expression::neutral);
  EXPECT_FALSE(expression_from("sleepy").has_value());
  EXPECT_EQ(class_set(7).back(), "anger");
  EXPECT_EQ(class_set(6).front(), "happiness");
  EXPECT_THROW(class_set(5), Error);
}

TEST(Geometry, IouByHand) {
  EXPECT_FLOAT_EQ(iou({0, 0, 2, 2}, {1, 1, 2, 2}), 1.0f / 7);
  EXPECT_EQ(iou({0, 0, 1, 1}, {2, 2, 1, 1}), 0);
}

TEST(Geometry, ClipKeepsThePartInside) {
  const Box b = clip({-5, 2, 10, 10}, 8, 8);
  EXPECT_EQ(b.x, 0);
  EXPECT_EQ(b.width, 5);
  EXPECT_EQ(b.height, 6);
}

TEST(Similarity, FitRecoversRotationScaleAndShift) {
  const float angle = 0.4f, scale = 1.7f;
  const Similarity truth{scale * std::cos(angle), scale * std::sin(angle), 3, -2};
  const std::vector<Point> source{{0, 0}, {10, 1}, {4, 7}, {-3, 5}};
  std::vector<Point> target;
  for (auto p : source) target.push_back(truth.apply(p));
  const Similarity found = fit_similarity(source, target);
  EXPECT_NEAR(found.scale(), scale, 1e-4);
  EXPECT_NEAR(found.rotation_rad(), angle, 1e-5);
  const Point back = found.inverse().apply(found.apply({5, 6}));
  EXPECT_NEAR(back.x, 5, 1e-4);
  EXPECT_NEAR(back.y, 6, 1e-4);
  EXPECT_THROW(fit_similarity(std::vector<Point>{{1, 1}, {1, 1}}, std::vector<Point>{{0, 0}, {1, 1}}), Error);
}

TEST(CropRule, PutsLandmarksWhereItSays) {
  CropRule rule;
  // A face whose landmarks are those of the rule, 100 times larger and shifted: the crop must undo both.
  const auto in_image = [&](Point p) { return Point{p.x * 100 + 20, p.y * 100 + 30}; };
  const Landmarks face{in_image(rule.left_eye), in_image(rule.right_eye), in_image(rule.nose),
                       in_image({rule.mouth.x - 0.1f, rule.mouth.y}), in_image({rule.mouth.x + 0.1f, rule.mouth.y})};
  const Point eye = rule.crop_from_image(face, 48).apply(face.left_eye);
  EXPECT_NEAR(eye.x, rule.left_eye.x * 48, 1e-3);
  EXPECT_NEAR(eye.y, rule.left_eye.y * 48, 1e-3);
}

TEST(Softmax, ByHandAndWithTemperature) {
  const auto p = softmax(std::vector<float>{0, std::log(3.0f)});
  EXPECT_NEAR(p[1], 0.75, 1e-6);
  EXPECT_NEAR(softmax(std::vector<float>{0, 2 * std::log(3.0f)}, 2)[1], 0.75, 1e-6);
  EXPECT_NEAR(softmax(std::vector<float>{1000, 0})[0], 1, 1e-6);
}

TEST(Suppression, KeepsTheBetterOfTwoOverlapping) {
  const auto kept =
      suppress_overlaps({{{0, 0, 10, 10}, 0.6f, {}}, {{1, 0, 10, 10}, 0.9f, {}}, {{50, 50, 5, 5}, 0.5f, {}}}, 0.3f);
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_EQ(kept[0].score, 0.9f);
  EXPECT_EQ(kept[1].score, 0.5f);
}

ModelCard small_card() {
  ModelCard card;
  card.method = "dan";
  card.name = "dan-test";
  card.classes = class_set(8);
  card.outputs = {{"logits", "class logits", "real"}, {"class_maps", "class activation", "real", 32, 0.5f}};
  card.weights_hash = "00";
  return card;
}

TEST(ModelCard, RoundTrip) {
  const ModelCard back = card_from_json(to_json(small_card()), "test");
  EXPECT_EQ(to_json(back), to_json(small_card()));
  EXPECT_EQ(back.input.crop.nose.x, small_card().input.crop.nose.x);
  EXPECT_EQ(back.outputs.at(0).cell_stride, 0);
  EXPECT_EQ(back.outputs.at(1).cell_stride, 32);
  EXPECT_EQ(back.outputs.at(1).cell_first, 0.5f);
}

TEST(ModelCard, ValuesKeepTheirLabels) {
  ModelCard card = small_card();
  card.outputs.push_back(face_values("clarity", "how clear", "0..1"));
  card.outputs.push_back(face_values("weights", "of two parts", "0..1", {"left", "right"}));
  const ModelCard back = card_from_json(to_json(card), "test");
  EXPECT_TRUE(back.outputs.at(1).labels.empty());
  EXPECT_EQ(output_named(back, "clarity").labels, std::vector<std::string>{"clarity"});
  EXPECT_EQ(output_named(back, "weights").labels, (std::vector<std::string>{"left", "right"}));
  EXPECT_THROW(output_named(back, "none"), Error);
  EXPECT_EQ(to_json(small_card()).dump().find("labels"), std::string::npos);  // cards without values do not change
  card.outputs.back().labels = {"left", "left"};
  EXPECT_THROW(card_from_json(to_json(card), "test"), Error);
}

TEST(ModelCard, Version2KeepsKindsRecipeLineageAndContrast) {
  ModelCard card = small_card();
  card.outputs[0].kind = OutputKind::logits;
  card.outputs[1].kind = OutputKind::maps;
  card.outputs.push_back({"reconstruction", "the face", "real", 0, 0, {}, OutputKind::picture});
  card.input.contrast = ClaheRule{};
  card.provenance.recipe = "as-published";
  card.provenance.lineage = {{"backbone", "resnet18.pth", "00ff", "MS-Celeb-1M", "research only"}};
  const ModelCard back = card_from_json(to_json(card), "test");
  EXPECT_EQ(back.outputs[2].kind, OutputKind::picture);
  EXPECT_EQ(back.input.contrast, ClaheRule{});
  EXPECT_EQ(back.provenance.recipe, "as-published");
  EXPECT_EQ(back.provenance.lineage, card.provenance.lineage);
  EXPECT_EQ(kind_of(back.outputs[2], 4), OutputKind::picture);
  EXPECT_FALSE(finds_boxes(back));
}

TEST(ModelCard, AWholePictureGivesBoxesAndHasNoCropRule) {
  ModelCard card = small_card();
  card.input.kind = InputKind::picture;
  EXPECT_THROW(card_from_json(to_json(card), "test"), Error);  // logits of a whole picture
  card.outputs = {{"boxes_8", "raw boxes", "real", 8, 4, {}, OutputKind::boxes}};
  const Json json = to_json(card);
  EXPECT_FALSE(json["input"].contains("crop"));
  const ModelCard back = card_from_json(json, "test");
  EXPECT_EQ(back.input.kind, InputKind::picture);
  EXPECT_TRUE(finds_boxes(back));
  card.input.kind = InputKind::face;
  EXPECT_THROW(card_from_json(to_json(card), "test"), Error);
}

/// With the hash corrected after a change.
Json resealed(Json json) {
  json.erase("card_hash");
  json["card_hash"] = content_hash(compact(json));
  return json;
}

TEST(ModelCard, Version1IsReadAndKept) {
  ModelCard card = small_card();
  card.version = 1;
  const Json json = to_json(card);
  EXPECT_FALSE(json.contains("lineage"));
  const ModelCard back = card_from_json(json, "test");
  EXPECT_EQ(to_json(back), json);
  EXPECT_EQ(kind_of(back.outputs[0], 2), OutputKind::logits);
  EXPECT_EQ(kind_of(back.outputs[1], 4), OutputKind::maps);
  EXPECT_EQ(kind_of({"expression", "", ""}, 2), OutputKind::features);
  EXPECT_EQ(kind_of({"relations", "", ""}, 3), OutputKind::matrix);
  EXPECT_EQ(kind_of(face_values("clarity", "", ""), 2), OutputKind::values);
}

TEST(ModelCard, Version3AndUnknownKindsAreRefusedByName) {
  const auto refusal = [](const Json& json) {
    try {
      card_from_json(resealed(json), "m.onnx");
    } catch (const Error& error) {
      return error.message();
    }
    return std::string("accepted");
  };
  Json json = to_json(small_card());
  json["card_version"] = 3;
  EXPECT_EQ(refusal(json), "m.onnx: card version 3; this version of mien reads versions 1 to 2.");
  json = to_json(small_card());
  json["outputs"][1]["kind"] = "sound";
  EXPECT_EQ(refusal(json), "m.onnx: unknown kind of output 'sound'.");
  json = to_json(small_card());
  json["input"]["kind"] = "video";
  EXPECT_EQ(refusal(json), "m.onnx: unknown kind of input 'video', expected face or picture.");
  json = to_json(small_card());
  json["card_version"] = 2.7e115;  // too large for an int
  EXPECT_NE(refusal(json).find("'card_version' has the wrong type or range"), std::string::npos);
  json = to_json(small_card());
  json["input"]["mean"][0] = 1e39;  // too large for a float
  EXPECT_NE(refusal(json).find("'mean' has the wrong type or range"), std::string::npos);
  json = to_json(small_card());
  json.erase("lineage");
  EXPECT_NE(refusal(json).find("lineage"), std::string::npos);
}

TEST(ModelCard, ChangedClassOrderIsNoticed) {
  Json json = to_json(small_card());
  std::swap(json["classes"][5], json["classes"][6]);
  EXPECT_THROW(card_from_json(json, "test"), Error);
}

TEST(InputSpec, RefusesImpossibleValues) {
  Json json = to_json(InputSpec{});
  json["channels"] = 2;
  EXPECT_THROW(input_spec_from_json(json, "test"), Error);
  json = to_json(InputSpec{});
  json["std"] = {0.0};
  EXPECT_THROW(input_spec_from_json(json, "test"), Error);
  json.erase("mean");
  EXPECT_THROW(input_spec_from_json(json, "test"), Error);
  InputSpec colour;
  colour.channels = 3;
  colour.mean = colour.std = {0.5f, 0.5f, 0.5f};
  colour.contrast.emplace();
  EXPECT_THROW(input_spec_from_json(to_json(colour), "test"), Error);  // equalisation needs grey
}

}  // namespace
}  // namespace mien::face
