// SPDX-License-Identifier: Apache-2.0
#include "mien/present/prediction_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace mien::present {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

PictureReport one_face(const std::string& path, float happiness) {
  PictureReport r{path, {}, {}};
  r.recognition.width = r.recognition.height = 64;
  recognise::RecognizedFace f;
  f.detection.box = {16, 16, 32, 32};
  f.probabilities = {1 - happiness, happiness};
  f.best = happiness > 0.5f ? 1 : 0;
  r.recognition.faces = {f};
  return r;
}

TEST(PicturesPage, CountsListsAndEscapes) {
  face::ModelCard card;
  card.classes = {"neutral", "happiness"};
  PicturesPage page(card, false);
  const image::Image image(64, 64, CV_8UC3, cv::Scalar(10, 20, 30));
  page.add(one_face("a/<script>.jpg", 0.9f), image);
  page.add(one_face("b.jpg", 0.2f), image);
  page.add({"c.jpg", {}, {}}, image);
  page.add({"d.jpg", {}, Error(ErrorKind::bad_input, "d.jpg: not a picture.", "Remove it.")}, {});
  const std::string html = page.finish("folder", {{"model", "m.onnx"}}, "mien predict folder", ".").render();
  EXPECT_THAT(html, HasSubstr("a/&lt;script&gt;.jpg"));
  EXPECT_THAT(html, Not(HasSubstr("<script")));
  EXPECT_THAT(html, HasSubstr("d.jpg: not a picture."));
  EXPECT_THAT(html, HasSubstr("<li><bdi class=\"file\">c.jpg</bdi></li>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"number\">90.0</td><td>neutral 10.0</td>"));
  EXPECT_THAT(html, Not(HasSubstr("<img")));
}

TEST(PicturesPage, ThumbnailsUnlessThePageIsMadeWithoutThem) {
  face::ModelCard card;
  card.classes = {"neutral", "happiness"};
  PicturesPage page(card, true);
  page.add(one_face("a.jpg", 0.9f), image::Image(64, 64, CV_8UC3, cv::Scalar(10, 20, 30)));
  EXPECT_THAT(page.finish("x", {}, "", ".").render(), HasSubstr("<img src=\"data:image/jpeg;base64,/9j/"));
}

TEST(PicturesPage, UnsureFacesAreCountedApart) {
  face::ModelCard card;
  card.classes = {"neutral", "happiness"};
  PicturesPage page(card, false);
  PictureReport r = one_face("a.jpg", 0.6f);
  r.recognition.faces[0].unsure = true;
  page.add(r, {});
  const std::string html = page.finish("x", {}, "", ".").render();
  EXPECT_THAT(html, HasSubstr("<dt>unsure</dt>"));
  EXPECT_THAT(html, HasSubstr("<td>unsure</td>"));
  EXPECT_THAT(html, HasSubstr("happiness, neutral 40.0"));
}

TEST(PicturesPage, NamesAreRelativeAndLeadToAnnotatedPictures) {
  face::ModelCard card;
  card.classes = {"neutral", "happiness"};
  PicturesPage page(card, false);
  PictureReport first = one_face("album/2024/a b.jpg", 0.9f), second = one_face("album/c.jpg", 0.2f);
  first.annotated = "out/2024/a b.jpg";
  page.add(first, {});
  page.add(second, {});
  const std::string html = page.finish("album", {}, "", "runs/predict/album").render();
  EXPECT_THAT(html, HasSubstr("Names are relative to album."));
  EXPECT_THAT(html, HasSubstr("<a href=\"./../../../out/2024/a%20b.jpg\"><bdi class=\"file\">2024/a b.jpg</bdi></a>"));
  EXPECT_THAT(html, HasSubstr("<bdi class=\"file\">c.jpg</bdi></th>"));
}

// By expression: neutral (c) before happiness (b 0.9, a 0.7); by probability: b, c 0.8, a; by picture: a, b, c.
TEST(PicturesPage, FacesKnowTheirPlacesAndWhatFiltersThem) {
  face::ModelCard card;
  card.classes = {"neutral", "anger", "happiness"};
  PicturesPage page(card, false);
  for (const auto& [name, probabilities] : std::map<std::string, std::vector<float>>{
           {"a.jpg", {0.2f, 0.1f, 0.7f}}, {"b.jpg", {0.1f, 0, 0.9f}}, {"c.jpg", {0.8f, 0.2f, 0}}}) {
    PictureReport r = one_face(name, 0);
    r.recognition.faces[0].probabilities = probabilities;
    r.recognition.faces[0].best = name == "c.jpg" ? 0 : 2;
    if (name == "b.jpg") r.recognition.faces[0].notes = {"small: 24 px wide, trained on 48"};
    page.add(r, {});
  }
  const std::string html = page.finish("x", {}, "", ".").render();
  EXPECT_THAT(html, HasSubstr("<tr class=\"item f0-0 f1-1\" style=\"--o0:0;--o1:1;--o2:2\"><th scope=\"row\" "
                              "class=\"long\"><bdi class=\"file\">c.jpg"));
  EXPECT_THAT(html, HasSubstr("<tr class=\"item f0-1 f1-0\" style=\"--o0:1;--o1:0;--o2:1\">"));
  EXPECT_THAT(html, HasSubstr("<tr class=\"item f0-1 f1-1\" style=\"--o0:2;--o1:2;--o2:0\">"));
  EXPECT_THAT(html, HasSubstr("id=\"f1-0\">small</label>"));
  EXPECT_THAT(html, Not(HasSubstr(">anger</label>")));  // no face has it
}

TEST(FaceThumbnail, StaysInsideThePicture) {
  const image::Image image(50, 80, CV_8UC3, cv::Scalar(1, 2, 3));
  EXPECT_FALSE(face_thumbnail(image, {-10, -10, 30, 30}).empty());
  EXPECT_FALSE(face_thumbnail(image, {70, 40, 200, 200}).empty());
  EXPECT_TRUE(face_thumbnail(image, {500, 500, 10, 10}).empty());
}

}  // namespace
}  // namespace mien::present
