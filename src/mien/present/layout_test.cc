// SPDX-License-Identifier: Apache-2.0
#include "mien/present/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/present/explanation_page.h"
#include "mien/present/sheet.h"
#include "support/tiny_model.h"

namespace mien::present {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

MapTile tile(const std::string& unit, double low, double high) {
  return {unit, {low, high}, low, high, {}, cv::Mat(4, 4, CV_8UC3, cv::Scalar::all(120))};
}

FaceEvidence evidence() {
  FaceEvidence e;
  e.view = e.input = cv::Mat(8, 8, CV_8UC3, cv::Scalar::all(60));
  e.crop_side = 8;
  e.face_side_px = 80;
  e.scale = 10;
  e.rotation_deg = -12;
  e.occlusion = {"occlusion", "If covered, less anger", "decrease", "", "at worst 75 → 10 %", 12, 12, {}};
  e.occlusion.tiles = {tile("anger", 0, 2)};
  return e;
}

class LayOut : public ::testing::Test {
 protected:
  LayOut() {
    report_.path = "pictures/a.png";
    report_.recognition.width = 640;
    report_.recognition.height = 480;
    recognise::RecognizedFace face;
    face.detection.box = {10, 20, 80, 90};
    face.detection.score = 0.934f;
    face.probabilities = {0.25f, 0.75f};
    face.best = 1;
    face.notes = {"blurred", "small"};
    report_.recognition.faces = {face};
    card_.name = "tiny";
    card_.method = "none";
    card_.classes = {"neutral", "anger"};
  }
  Layout lay_out(const FaceEvidence& e) const { return present::lay_out(report_, picture_, {e}, card_); }
  recognise::RecognizedFace& first_face() { return report_.recognition.faces.front(); }

  cv::Mat picture_ = cv::Mat(48, 64, CV_8UC3, cv::Scalar::all(90));
  PictureReport report_;
  face::ModelCard card_;
};

std::vector<std::string> titles(const std::vector<Panel>& panels) {
  std::vector<std::string> out;
  for (const auto& panel : panels) out.push_back(panel.title);
  return out;
}

TEST_F(LayOut, SaysWhatIsKnownOfPictureAndFace) {
  const Layout layout = lay_out(evidence());
  EXPECT_EQ(layout.title, "a.png");
  EXPECT_EQ(layout.picture.caption, "640 × 480 px, one face");
  EXPECT_EQ(layout.model, "tiny (none), temperature 1.00");
  EXPECT_TRUE(layout.notes.empty());
  ASSERT_EQ(layout.blocks.size(), 1u);
  const Block& block = layout.blocks[0];
  EXPECT_EQ(block.heading, "Face 1: anger 75 %");
  EXPECT_EQ(block.probabilities[0].first, "anger");
  EXPECT_EQ(block.probabilities[1].second, 0.25);
  std::vector<std::string> briefs;
  for (const auto& fact : block.facts)
    if (!fact.brief.empty()) briefs.push_back(fact.brief);
  EXPECT_THAT(briefs, ElementsAre("the whole picture is the face", "blurred · small"));
  EXPECT_THAT(titles(block.panels),
              ElementsAre("The face, rotated upright", "Input of the network", "If covered, less anger"));
  EXPECT_EQ(block.panels[0].caption, "80 px wide, rotated by 12°");
  EXPECT_EQ(block.panels[2].caption, "at worst 75 → 10 %");
  EXPECT_EQ(block.note, "This model file has no maps of its own.");
}

TEST_F(LayOut, TheMapOfThePredictedClassIsAPanelAndTheOthersAreAGroup) {
  FaceEvidence e = evidence();
  MapGroup classes{face::kClassMaps, "Evidence for each class", "a meaning", "logits", "", 2, 2, {}};
  classes.tiles = {tile("neutral", -3, 3), tile("anger", -3, 3)};
  classes.chosen = 1;
  MapGroup heads{"head_maps", "Attention, by head", "another", "", "", 4, 4, {}};
  heads.tiles = {tile("head 1", 0, 1), tile("head 2", 0, 2)};
  e.groups = {classes, heads};
  const Layout layout = lay_out(e);
  const Block& block = layout.blocks[0];
  EXPECT_EQ(block.panels.back().title, "Evidence for anger");
  EXPECT_EQ(block.panels.back().caption, "−3.0 to +3.0 logits");
  ASSERT_TRUE(block.panels.back().colours);
  EXPECT_TRUE(block.note.empty());
  ASSERT_EQ(block.groups.size(), 2u);
  EXPECT_FALSE(block.groups[0].is_on_sheet);
  EXPECT_FALSE(block.groups[0].is_open);
  EXPECT_EQ(block.groups[0].range, "±3.0 logits");
  EXPECT_TRUE(block.groups[1].is_on_sheet);
  EXPECT_TRUE(block.groups[1].is_open);
  EXPECT_EQ(block.groups[1].source, "head_maps, 4 × 4 cells");
  EXPECT_EQ(block.groups[1].range, "each from low to high");
}

TEST_F(LayOut, SeveralValuesAreBarsWithThoseOfTheClassAsMarks) {
  first_face().values = {
      {"clarity", {"clarity"}, {0.5f}}, {"weights", {"a", "b"}, {1, -2}}, {"class_weights", {"a", "b"}, {0, 1}}};
  card_.outputs = {face::face_values("weights", "how much", "real", {"a", "b"}),
                   face::face_values("class_weights", "usual", "real", {"a", "b"})};
  const Layout layout = lay_out(evidence());
  const Block& block = layout.blocks[0];
  ASSERT_EQ(block.bars.size(), 1u);
  EXPECT_EQ(block.bars[0].values[1], std::pair(std::string("b"), -2.0));
  EXPECT_THAT(block.bars[0].marks, ElementsAre(0, 1));
  EXPECT_EQ(block.bars[0].meaning, "how much. The mark and the second number (class_weights): usual.");
  EXPECT_TRUE(block.bars[0].is_on_sheet);
}

TEST_F(LayOut, PageAndSheetShowIt) {
  const Layout layout = lay_out(evidence());
  const std::string html = picture_section(layout).str();
  for (const auto& fact : layout.blocks[0].facts) EXPECT_THAT(html, HasSubstr(fact.value)) << fact.name;
  for (const auto& panel : layout.blocks[0].panels) EXPECT_THAT(html, HasSubstr(panel.caption)) << panel.title;
  EXPECT_THAT(html, HasSubstr("640 × 480 px, one face."));
  EXPECT_THAT(html, Not(HasSubstr("No face")));
  const cv::Mat with_face = sheet(layout);
  Layout changed = layout;
  changed.blocks[0].panels[1].picture = cv::Mat(8, 8, CV_8UC3, cv::Scalar::all(200));
  EXPECT_GT(cv::norm(with_face, sheet(changed)), 1000);
  changed.blocks[0].panels[1].is_on_sheet = false;
  const cv::Mat without_panel = sheet(changed);
  EXPECT_GT(cv::norm(with_face, without_panel), 1000);
  report_.recognition.faces.clear();
  const Layout empty = present::lay_out(report_, picture_, {}, card_);
  EXPECT_THAT(empty.notes, ElementsAre("No face was detected."));
  EXPECT_THAT(picture_section(empty).str(), HasSubstr("No face was detected."));
  EXPECT_LT(sheet(empty).rows, with_face.rows);
}

}  // namespace
}  // namespace mien::present
