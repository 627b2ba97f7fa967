// SPDX-License-Identifier: Apache-2.0
// Readers of pictures with boxes: lists, Pascal VOC, YOLO, RAF-DB and tables of faces, with good and bad boxes.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/dataset/box_listing.h"
#include "mien/dataset/check.h"
#include "mien/dataset/packing.h"
#include "mien/dataset/voc.h"
#include "mien/image/encode.h"
#include "support/temp_dir.h"

namespace mien::dataset {
namespace {

using face::Expression;
using pack::Split;
using ::testing::HasSubstr;

constexpr const char* kSfewNames = "Angry \nDisgust\nFear\nHappy\nNeutral\nSad\nSurprise \n";

void save(const std::filesystem::path& path, int width = 64, int height = 48, int grey = 90) {
  cv::Mat picture(height, width, CV_8UC3, cv::Scalar::all(grey));
  picture(cv::Rect(0, 0, width / 2, height / 3)) = cv::Scalar::all(grey + 60);
  write_file(path, image::encode_png(picture));
}

DataSet read(const std::filesystem::path& path, const std::string& layout = "auto", const std::string& order = "") {
  ReadOptions options;
  options.layout = layout;
  options.label_order = order;
  return read_data_set(path, options);
}

Findings checked(const DataSet& set) {
  const CancelToken never;
  return check_data_set(set, 1, {}, never).findings;
}

const std::vector<face::LabelledBox>& boxes_of(const DataSet& set, std::size_t i) {
  return *set.listing.items.at(i).sample.boxes;
}

face::LabelledBox box(float x, float y, float width, float height, Expression label) {
  return {{x, y, width, height}, static_cast<int>(label)};
}

TEST(BoxList, GivesBoxesAndPicturesWithoutOne) {
  const testing::TempDir dir;
  for (const char* name : {"p/a.png", "p/b b.png", "p/none.png"}) save(dir / name);
  write_file(dir / "sfew_classes.txt", kSfewNames);
  write_file(dir / "sfew_train.txt",
             "p/none.png\r\n"
             "p/a.png 10,8,30,40,3 40,8,60,30,0\r\n\r\n");
  write_file(dir / "sfew_val.txt", "C:\\x\\p\\b b.png 1,2,3.5,4,6\n");
  for (const char* layout : {"auto", "boxes"}) {
    const auto set = read(dir.path(), layout);
    ASSERT_EQ(set.listing.items.size(), 3u);
    EXPECT_EQ(set.listing.layout, "boxes");
    EXPECT_EQ(set.listing.findings.num_defects(), 0u) << set.listing.findings.first_defect();
    EXPECT_TRUE(boxes_of(set, 0).empty());
    EXPECT_THAT(boxes_of(set, 1), ::testing::ElementsAre(box(10, 8, 20, 32, Expression::happiness),
                                                         box(40, 8, 20, 22, Expression::anger)));
    EXPECT_THAT(boxes_of(set, 2), ::testing::ElementsAre(box(1, 2, 2.5, 2, Expression::surprise)));
    EXPECT_EQ(set.listing.items[2].sample.split, Split::valid);
    EXPECT_EQ(set.listing.items[2].sample.source, "p/b b.png");
  }
}

TEST(BoxList, CountsEveryKindOfBadBox) {
  const testing::TempDir dir;
  for (const char* name : {"a.png", "b.png", "c.png", "d.png", "e.png", "f.png", "g.png"}) save(dir / name);
  std::string many = "g.png";
  for (int i = 0; i < 500; ++i) many += fmt::format(" {},0,{},20,1", i % 50, i % 50 + 10);
  write_file(dir / "list.txt",
             "a.png 30,8,10,40,3\n"     // swapped corners
             "b.png 10,8,10,40,3\n"     // no area
             "c.png 100,8,120,40,3\n"   // outside
             "d.png 10,8,20,40,17\n"    // unknown class
             "e.png 10,8,20,3\n"        // bad line
             "missing.png 1,2,9,9,3\n"  //
             "f.png -5,8,62,14,3\n" +   // beyond, and of extreme shape
                 many +
                 "\n");
  const auto set = read(dir / "list.txt", "auto", "affectnet");
  const Findings found = checked(set);
  for (const char* kind :
       {"box has swapped corners", "box has no area", "box is outside the picture", "box has an unknown class",
        "bad line", "missing picture", "box extends beyond the picture; packing clips it", "box of extreme shape",
        "more than 100 boxes, and a detector reports at most 100"})
    EXPECT_EQ(found.count(kind), 1u) << kind;
  EXPECT_EQ(found.num_defects(), 6u);
  EXPECT_EQ(boxes_of(set, 2).size(), 500u);  // after c and f
}

TEST(BoxList, NumbersNeedNamesOfClasses) {
  const testing::TempDir dir;
  save(dir / "a.png");
  write_file(dir / "list.txt", "a.png 10,8,30,40,3\n");
  try {
    read(dir / "list.txt");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("numbers need classes.txt or --label-order"));
  }
  write_file(dir / "classes.txt", "happy\nface\n");
  try {
    read(dir / "list.txt");
    ADD_FAILURE();
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), HasSubstr("classes.txt line 2"));
  }
}

TEST(BoxList, IsPackedWholeWithItsBoxes) {
  const testing::TempDir dir;
  save(dir / "a.png");
  save(dir / "b.png", 64, 48, 30);
  write_file(dir / "list.txt", "a.png -8,0,32,24,1 32,24,64,48,2\nb.png\n");
  const auto set = read(dir / "list.txt", "boxes", "canonical");
  PackOptions options;
  options.whole = pack::PictureSize{32, 32};
  const CancelToken never;
  const auto summary = write_pack(*set.tree, set.listing, dir / "x.pack", options, {}, never);
  EXPECT_EQ(summary.fields.at(Split::train).pictures, 2u);
  EXPECT_EQ(summary.fields.at(Split::train).without_face, 1u);
  EXPECT_EQ(summary.fields.at(Split::train).boxes[1], 1u);
  const pack::Pack pack(dir / "x.pack");
  ASSERT_EQ(pack.size(), 2u);
  EXPECT_EQ(pack.info().classes, (std::vector<std::string>{"happiness", "sadness"}));
  // 64 x 48 in 32 x 32: half the size, 4 rows of border above.
  EXPECT_EQ(pack.sample(0).boxes->at(0).box, (face::Box{0, 4, 16, 12}));
  EXPECT_EQ(pack.sample(0).boxes->at(1), (face::LabelledBox{{16, 16, 16, 12}, 1}));
  EXPECT_TRUE(pack.sample(1).boxes->empty());
}

TEST(BoxList, IsSplitByTheClassOfTheFirstBox) {
  const testing::TempDir dir;
  std::string list;
  for (int i = 0; i < 20; ++i) {
    save(dir / fmt::format("{}.png", i));
    list += fmt::format("{}.png{}\n", i, i < 10 ? " 1,1,20,20,1" : i < 16 ? " 1,1,20,20,2" : "");
  }
  write_file(dir / "list.txt", list);
  ReadOptions options;
  options.label_order = "canonical";
  options.shares = {0.5, 0, 1};
  const auto set = read_data_set(dir / "list.txt", options);
  std::array<int, 3> valid{};
  for (const Item& item : set.listing.items)
    if (item.sample.split == Split::valid)
      ++valid[item.sample.boxes->empty() ? 2u : static_cast<std::size_t>(item.sample.boxes->front().label - 1)];
  EXPECT_EQ(valid, (std::array{5, 3, 2}));
}

TEST(Yolo, ReadsFractionsPartsAndNames) {
  const testing::TempDir dir;
  for (const char* name : {"images/train/a.png", "images/val/b.png", "images/val/c.png", "images/val/unlabelled.png"})
    save(dir / name);
  write_file(dir / "data.yaml", "train: images/train\nnc: 2\nnames: ['happy', \"sad\"]  # two\n");
  write_file(dir / "labels/train/a.txt", "0 0.5 0.5 0.25 0.5\n1\t0.25 0.25 0.5 0.5\n");
  write_file(dir / "labels/val/b.txt", "");
  write_file(dir / "labels/val/c.txt", "1 0.5 0.5 0.2 0.2 0.9\n");
  const auto set = read(dir.path());
  EXPECT_EQ(set.listing.layout, "yolo");
  ASSERT_EQ(set.listing.items.size(), 2u);
  EXPECT_THAT(boxes_in(set.listing.items[0], 64, 48), ::testing::ElementsAre(box(24, 12, 16, 24, Expression::happiness),
                                                                             box(0, 0, 32, 24, Expression::sadness)));
  EXPECT_EQ(set.listing.items[1].sample.split, Split::valid);
  EXPECT_TRUE(boxes_of(set, 1).empty());
  EXPECT_EQ(set.listing.findings.count("bad line"), 1u);
  EXPECT_EQ(set.listing.findings.count("picture without a label"), 2u);  // including that of the bad line
}

TEST(Yolo, NamesOfYamlMayStandOneALine) {
  const testing::TempDir dir;
  save(dir / "x/images/a.png");
  write_file(dir / "x/data.yml", "names:\n  0: sad\n  1: happy\npath: .\n");
  write_file(dir / "x/labels/a.txt", "1 0.5 0.5 0.5 0.5\n");
  EXPECT_EQ(boxes_of(read(dir.path(), "yolo"), 0).front().label, static_cast<int>(Expression::happiness));
  write_file(dir / "x/labels/a.txt", "1 0.5 0.5 -0.5 0.5\n");
  EXPECT_THROW(read(dir.path(), "yolo"), Error);  // swapped corners, and no other picture
}

std::string annotation(const std::string& objects, const std::string& picture = "a.png") {
  return "<?xml version=\"1.0\"?>\n<annotation><filename>" + picture + "</filename><!-- <object> -->" + objects +
         "</annotation>\n";
}
std::string object(const std::string& name, const std::string& corners) {
  const auto v = split(corners, ' ');
  return "<object>\n <name> " + name +
         "</name><part><name>nose</name><bndbox><xmin>1</xmin></bndbox></part><bndbox><xmin>" + v[0] + "</xmin><ymin>" +
         v[1] + "</ymin><xmax>" + v[2] + "</xmax><ymax>" + v[3] + "</ymax></bndbox></object>";
}

TEST(Voc, ReadsObjectsAndParts) {
  const testing::TempDir dir;
  for (const char* name : {"a", "b", "c", "d"}) save(dir / fmt::format("VOC2007/JPEGImages/{}.png", name));
  const auto xml = [&](const char* name) { return dir / fmt::format("VOC2007/Annotations/{}.xml", name); };
  write_file(xml("a"), annotation(object("Happy", "10 8 30 40") + object("Sad", "1 1 9 9.5")));
  write_file(xml("b"), annotation(""));
  write_file(xml("c"), annotation(object("Angry", "10 8 30 40")));
  write_file(xml("d"), annotation(object("Angry", "10 8 30 40")));
  write_file(dir / "VOC2007/ImageSets/Main/train.txt", "a\nnowhere\n");
  write_file(dir / "VOC2007/ImageSets/Main/trainval.txt", "a\nb\n");
  write_file(dir / "VOC2007/ImageSets/Main/test.txt", "c 1\n");
  const auto set = read(dir.path());
  EXPECT_EQ(set.listing.layout, "voc");
  ASSERT_EQ(set.listing.items.size(), 3u);
  EXPECT_THAT(boxes_of(set, 0), ::testing::ElementsAre(box(10, 8, 20, 32, Expression::happiness),
                                                       box(1, 1, 8, 8.5, Expression::sadness)));
  EXPECT_TRUE(boxes_of(set, 1).empty());
  EXPECT_EQ(set.listing.items[1].sample.split, Split::train);
  EXPECT_EQ(set.listing.items[2].sample.split, Split::test);
  EXPECT_EQ(set.listing.findings.count("in no list of ImageSets/Main"), 1u);
  EXPECT_EQ(set.listing.findings.count("missing annotation"), 1u);
}

TEST(Voc, BrokenAnnotationsSayWhy) {
  std::string why;
  for (const auto& [xml, reason] : {std::pair<std::string, std::string>{"", "no whole <annotation>"},
                                    {"<annotation><object>", "no whole <annotation>"},
                                    {annotation("<object><name>sad</name></object>"), "an object has no <bndbox>"},
                                    {annotation("<object><bndbox></bndbox></object>"), "an object has no <name>"},
                                    {annotation(object("sad", "1 2 x 4")), "a box has no number <xmax>"},
                                    {annotation(object("sad", "1 2 3 1e99")), "a box has no number <ymax>"},
                                    {annotation("<object><name>sad</name>"), "an <object> without its end"}}) {
    EXPECT_FALSE(parse_voc(xml, why)) << xml;
    EXPECT_EQ(why, reason);
  }
}

TEST(FaceBoxes, RafOriginalsWithTheirBoxes) {
  const testing::TempDir dir;
  save(dir / "basic/Image/original/train_00001.jpg");
  save(dir / "basic/Image/original/test_0001.jpg");
  save(dir / "basic/Image/original/test_0002.jpg");
  write_file(dir / "basic/EmoLabel/list_patition_label.txt",
             "train_00001.jpg 4\ntest_0001.jpg 1\ntest_0002.jpg 2\ntest_0003.jpg 2\nodd\n");
  const std::filesystem::path boxes = dir / "basic/Annotation/boundingbox";
  write_file(boxes / "train_00001_boundingbox.txt", "10.5 8 30.5 40\n");
  write_file(boxes / "test_0001_boundingbox.txt", "1 2 3 4");
  write_file(boxes / "test_0002_boundingbox.txt", "1 2 3");
  const auto set = read(dir.path(), "boxes");
  EXPECT_EQ(set.listing.data_set, "RAF-DB");
  ASSERT_EQ(set.listing.items.size(), 2u);
  EXPECT_THAT(boxes_of(set, 0), ::testing::ElementsAre(box(10.5, 8, 20, 32, Expression::happiness)));
  EXPECT_EQ(set.listing.items[1].sample.split, Split::test);
  EXPECT_EQ(set.listing.findings.count("missing box"), 1u);
  EXPECT_EQ(set.listing.findings.count("missing picture"), 1u);
  EXPECT_EQ(set.listing.findings.count("bad line"), 1u);
}

TEST(FaceBoxes, RowsOfATableBecomeTheBoxesOfItsPictures) {
  const testing::TempDir dir;
  save(dir / "1/a.png");
  save(dir / "1/b.png");
  std::string points = "0;0";
  for (int i = 1; i < 68; ++i) points += ";0;0";
  write_file(dir / "training.csv",
             "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n"
             "1/a.png,1,2,20,30," +
                 points + ",1,0,0\n1/a.png,30,2,20,30," + points + ",6,0,0\n1/b.png,4,4,8,8," + points + ",10,0,0\n");
  const auto set = read(dir / "training.csv", "boxes");
  ASSERT_EQ(set.listing.items.size(), 1u);  // 10 is not a face
  EXPECT_EQ(set.listing.items[0].sample.label, -1);
  EXPECT_THAT(boxes_of(set, 0),
              ::testing::ElementsAre(box(1, 2, 20, 30, Expression::happiness), box(30, 2, 20, 30, Expression::anger)));
  EXPECT_EQ(read(dir / "training.csv").listing.items.size(), 2u);  // as faces
}

TEST(BoxCheck, CountsBoxesLandmarksAndPosesOfAPackOfSixClasses) {
  const testing::TempDir dir;
  pack::PackInfo info;
  info.width = info.height = 32;
  info.classes = face::class_set(6);  // without neutral: positions differ from the canonical ones
  pack::PackWriter writer(dir / "x.pack", info);
  pack::Sample sample;
  sample.source = "a";
  sample.label = 0;
  sample.distribution[0] = 1;
  sample.boxes = {{{{1, 1, 8, 8}, 0}, {{10, 10, 9, 9}, 1}}};
  sample.landmarks.assign(face::kNumPoints68, {3, 3});
  sample.landmark_origin = pack::Origin::estimate;
  sample.yaw = pack::Angle{3, pack::Origin::data_set};
  writer.add(sample, std::vector<std::uint8_t>(32 * 32, 9));
  sample.boxes->clear();
  sample.landmarks.clear();
  sample.yaw.reset();
  writer.add(sample, std::vector<std::uint8_t>(32 * 32, 200));
  writer.commit();
  Listing listing;
  const CancelToken never;
  const auto report = check_pack(pack::Pack(dir / "x.pack"), listing, 1, {}, never);
  const FieldCounts& fields = report.fields.at(Split::train);
  EXPECT_EQ(fields.pictures, 2u);
  EXPECT_EQ(fields.known_boxes, 2u);
  EXPECT_EQ(fields.without_face, 1u);
  EXPECT_EQ(fields.boxes[static_cast<std::size_t>(Expression::happiness)], 1u);
  EXPECT_EQ(fields.boxes[static_cast<std::size_t>(Expression::sadness)], 1u);
  EXPECT_EQ(fields.landmarks, 1u);
  EXPECT_EQ(fields.estimated_landmarks, 1u);
  EXPECT_EQ(fields.poses, 1u);
  EXPECT_EQ(fields.estimated_poses, 0u);
  EXPECT_THAT(to_text(report, listing), HasSubstr("boxes known of 2 pictures: 2 (happiness 1, sadness 1)"));
}

}  // namespace
}  // namespace mien::dataset
