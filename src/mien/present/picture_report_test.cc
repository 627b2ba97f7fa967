// SPDX-License-Identifier: Apache-2.0
#include "mien/present/picture_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/text.h"
#include "support/tiny_model.h"

namespace mien::present {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

PictureReport one_face() {
  PictureReport report;
  report.path = "a, b.jpg";
  report.recognition.width = 640, report.recognition.height = 480;
  recognise::RecognizedFace f;
  f.detection = {{10.123f, 20, 30, 40}, 0.9f, face::Landmarks{{1, 2}, {3, 4}, {5, 6}, {7, 8}, {9, 10}}};
  f.probabilities = {0.02f, 0.9f, 0.03f, 0.01f, 0.01f, 0.01f, 0.01f, 0.01f};
  f.best = 1;
  f.notes = {"blurred"};
  report.recognition.faces = {f};
  return report;
}

PictureReport failed() {
  PictureReport report;
  report.path = "c.jpg";
  report.error = Error(ErrorKind::bad_input, "c.jpg is empty.", "Copy it again.");
  return report;
}

const face::ModelCard kCard = testing::tiny_card();

TEST(Report, JsonKeepsTheContract) {
  const Json json = to_json(one_face(), kCard);
  EXPECT_EQ(json["path"], "a, b.jpg");
  EXPECT_EQ(json["width"], 640);
  const Json& f = json["faces"][0];
  EXPECT_EQ(compact(f["box"]), "[10.12,20.0,30.0,40.0]");
  EXPECT_EQ(f["landmarks"].size(), 5u);
  EXPECT_EQ(f["expression"], "happiness");
  EXPECT_NEAR(f["probability"].get<double>(), 0.9, 1e-6);
  EXPECT_EQ(f["probabilities"].size(), 8u);
  EXPECT_EQ(f["notes"][0], "blurred");
  EXPECT_FALSE(json.contains("error"));
  const Json error = to_json(failed(), kCard);
  EXPECT_EQ(error["error"]["kind"], "bad_input");
  EXPECT_EQ(error["error"]["remedy"], "Copy it again.");
  EXPECT_TRUE(error["faces"].empty());
}

TEST(Report, EveryCsvLineHasAsManyCellsAsTheHeader) {
  const std::size_t columns = csv_split(trim(csv_header(kCard))).size();
  EXPECT_EQ(columns, 9u + 8 + 6);
  PictureReport none = one_face();
  none.recognition.faces.clear();
  for (const auto& report : {one_face(), failed(), none})
    EXPECT_EQ(csv_split(trim(csv_rows(report, kCard))).size(), columns);
  const auto cells = csv_split(trim(csv_rows(one_face(), kCard)));
  EXPECT_EQ(cells[0], "a, b.jpg");
  EXPECT_EQ(cells[7], "happiness");
  EXPECT_EQ(csv_split(trim(csv_rows(none, kCard)))[7], "");  // empty, never 0
}

TEST(Report, WhatIsUnsureIsSaidInEveryForm) {
  PictureReport report = one_face();
  EXPECT_FALSE(to_json(report, kCard)["faces"][0].contains("unsure"));
  EXPECT_EQ(csv_split(trim(csv_rows(report, kCard))).back(), "");
  auto& f = report.recognition.faces[0];
  f.unsure = false;
  EXPECT_EQ(to_json(report, kCard)["faces"][0]["unsure"], false);
  EXPECT_EQ(label_of(f, kCard), "happiness 90 %");
  f.unsure = true;
  EXPECT_EQ(to_json(report, kCard)["faces"][0]["unsure"], true);
  EXPECT_EQ(to_json(report, kCard)["faces"][0]["expression"], "happiness");  // the guess stays
  const auto cells = csv_split(trim(csv_rows(report, kCard)));
  EXPECT_EQ(cells[cells.size() - 4], "true");
  EXPECT_EQ(table_rows(report, kCard), "a, b.jpg  face 1  box 10,20 30x40  unsure (happiness 90.0 %)  (blurred)\n");
  EXPECT_EQ(label_of(f, kCard), "unsure");
}

TEST(Report, EveryFileThatWasWrittenIsNamed) {
  PictureReport report = one_face();
  EXPECT_FALSE(to_json(report, kCard).contains("annotated"));
  report.annotated = "out/a.jpg";
  const Json map = {{"file", "out/maps/a/face1-occlusion.jpg"}};
  report.explanation = {{"sheet", "out/sheets/a.png"},
                        {"faces",
                         {{{"crop", "out/maps/a/face1-crop.jpg"},
                           {"input", "out/maps/a/face1-input.jpg"},
                           {"maps", Json::array({map})}}}}};
  const Json json = to_json(report, kCard);
  EXPECT_EQ(json["annotated"], "out/a.jpg");
  EXPECT_EQ(json["sheet"], "out/sheets/a.png");
  EXPECT_EQ(json["faces"][0]["explanation"], report.explanation["faces"][0]);
  EXPECT_THAT(csv_header(kCard), EndsWith(",annotated,sheet,maps\n"));
  EXPECT_THAT(csv_rows(report, kCard),
              EndsWith(",out/a.jpg,out/sheets/a.png,out/maps/a/face1-crop.jpg; out/maps/a/face1-input.jpg; "
                       "out/maps/a/face1-occlusion.jpg\n"));
}

TEST(Report, FacesThatOptionsRemovedAreCounted) {
  PictureReport report = one_face();
  EXPECT_FALSE(to_json(report, kCard).contains("left_out"));
  report.recognition.faces.clear();
  EXPECT_THAT(table_rows(report, kCard), HasSubstr("no face found"));
  report.recognition.left_out = {2, 1};
  EXPECT_THAT(table_rows(report, kCard), HasSubstr("no face left"));
  EXPECT_EQ(to_json(report, kCard)["left_out"], (Json{{"min_face", 2}, {"min_score", 1}}));
}

TEST(Report, ValuesOfTheModelInEveryForm) {
  face::ModelCard card = kCard;
  card.outputs.push_back(face::face_values("clarity", "how clear it looks", "0..1"));
  card.outputs.push_back(face::face_values("weights", "of the parts", "real", {"eyes, both", "mouth"}));
  PictureReport report = one_face(), none = one_face();
  none.recognition.faces.clear();
  report.recognition.faces[0].values = {{"clarity", {"clarity"}, {0.73125f}},
                                        {"weights", {"eyes, both", "mouth"}, {-2.5f, 118}}};
  const Json f = to_json(report, card)["faces"][0];
  EXPECT_NEAR(f["values"]["clarity"].get<double>(), 0.73125, 1e-6);
  EXPECT_EQ(f["values"]["weights"]["eyes, both"], -2.5);
  EXPECT_FALSE(to_json(one_face(), kCard)["faces"][0].contains("values"));
  EXPECT_FALSE(model_json(kCard, "a.onnx").contains("values"));
  const Json named = model_json(card, "a.onnx")["values"];
  EXPECT_EQ(named[0]["meaning"], "how clear it looks");
  EXPECT_EQ(named[1]["labels"][1], "mouth");
  const auto header = csv_split(trim(csv_header(card)));
  ASSERT_EQ(header.size(), csv_split(trim(csv_header(kCard))).size() + 3);
  EXPECT_EQ(header[header.size() - 6], "clarity");
  EXPECT_EQ(header[header.size() - 5], "weights.eyes, both");
  for (const auto& r : {report, failed(), none}) EXPECT_EQ(csv_split(trim(csv_rows(r, card))).size(), header.size());
  const auto cells = csv_split(trim(csv_rows(report, card)));
  EXPECT_EQ(cells[cells.size() - 4], "118.000000");
  EXPECT_EQ(table_rows(report, card), table_rows(one_face(), kCard));  // only on request
  EXPECT_EQ(table_rows(report, card, {1, true}),
            "a, b.jpg  face 1  box 10,20 30x40  happiness 90.0 %  clarity 0.731  weights: eyes, both -2.50, mouth 118  "
            "(blurred)\n");
}

TEST(Report, TableShowsTheTopExpressions) {
  EXPECT_EQ(table_rows(one_face(), kCard), "a, b.jpg  face 1  box 10,20 30x40  happiness 90.0 %  (blurred)\n");
  EXPECT_EQ(table_rows(one_face(), kCard, {2}),
            "a, b.jpg  face 1  box 10,20 30x40  happiness 90.0 %, sadness 3.0 %  (blurred)\n");
  EXPECT_EQ(table_rows(failed(), kCard), "");
  PictureReport none = one_face();
  none.recognition.faces.clear();
  EXPECT_EQ(table_rows(none, kCard), "a, b.jpg  no face found\n");
  EXPECT_EQ(label_of(one_face().recognition.faces[0], kCard), "happiness 90 %");
}

}  // namespace
}  // namespace mien::present
