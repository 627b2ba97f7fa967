// SPDX-License-Identifier: Apache-2.0
// Class folders and lists, made in the test; "pictures" are empty files, as readers do not decode.
#include "mien/dataset/data_set.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "support/listing.h"
#include "support/temp_dir.h"

namespace mien::dataset {
namespace {

using face::Expression;
using pack::Split;
using ::testing::HasSubstr;
using testing::label_of;
using testing::pixels48;

std::string message_of(const std::filesystem::path& path, const ReadOptions& options = {}) {
  try {
    read_data_set(path, options);
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

TEST(Lists, RafDbAsItIsHandedOutAndWithItsPicturesMissing) {
  const testing::TempDir dir;
  write_file(dir / "basic/EmoLabel/list_patition_label.txt", "train_00001.jpg 5\ntest_0001.jpg 4\n");
  EXPECT_THAT(message_of(dir / "basic"), HasSubstr("no folder Image/aligned/"));
  write_file(dir / "basic/Image/aligned/train_00001_aligned.jpg", "");
  write_file(dir / "basic/Image/aligned/test_0001_aligned.jpg", "");
  const auto set = read_data_set(dir.path(), {});
  ASSERT_EQ(set.listing.items.size(), 2u);
  EXPECT_EQ(set.listing.data_set, "RAF-DB");
  EXPECT_EQ(label_of(set.listing.items[0]), Expression::sadness);
  EXPECT_EQ(set.listing.items[0].sample.split, Split::train);
  EXPECT_EQ(label_of(set.listing.items[1]), Expression::happiness);
  EXPECT_EQ(set.listing.items[1].sample.split, Split::test);
}

TEST(ClassFolders, SplitsAliasesAndLitter) {
  const testing::TempDir dir;
  for (const char* name :
       {"set/Train/Happy/a.JPG", "set/Train/angry/b.png", "set/val/SAD/c.webp", "set/test/neutral/d.bmp",
        "set/Train/Happy/._a.JPG", "set/Train/Happy/.DS_Store", "__MACOSX/Train/Happy/x.png", "set/readme.txt"})
    write_file(dir / name, "");
  const auto set = read_data_set(dir.path(), {});
  EXPECT_EQ(set.listing.layout, "folders");
  EXPECT_TRUE(set.listing.has_splits);
  EXPECT_EQ(set.listing.findings.num_defects(), 0u);
  ASSERT_EQ(set.listing.items.size(), 4u);
  const auto counts = count_classes(set.listing);
  EXPECT_EQ(counts.at(Split::train)[static_cast<std::size_t>(Expression::anger)], 1u);
  EXPECT_EQ(counts.at(Split::valid)[static_cast<std::size_t>(Expression::sadness)], 1u);
  EXPECT_THAT(set.listing.mapping, ::testing::Contains("Happy → happiness"));
}

TEST(ClassFolders, NumbersNeedAnOrderAndSortAsNumbers) {
  const testing::TempDir dir;
  for (const char* name : {"set/1/a.png", "set/2/b.png", "set/7/c.png"}) write_file(dir / name, "");
  EXPECT_THAT(message_of(dir / "set"), HasSubstr("no known layout among 3 files (3 pictures)"));
  const auto raf = read_data_set(dir / "set", {.label_order = "raf"});
  EXPECT_EQ(label_of(raf.listing.items[0]), Expression::surprise);
  EXPECT_EQ(label_of(raf.listing.items[2]), Expression::neutral);
  write_file(dir / "names.txt", "1 anger\r\n2 happy\r\n7: Fear\r\n");
  const auto own = read_data_set(dir / "set", {.label_order = (dir / "names.txt").string()});
  EXPECT_EQ(label_of(own.listing.items[1]), Expression::happiness);
  EXPECT_EQ(label_of(own.listing.items[2]), Expression::fear);
  EXPECT_EQ(own.listing.mapping.front(), "1 → anger");
  EXPECT_THAT(message_of(dir / "set", {.label_order = "rafdb"}), HasSubstr("Unknown label order 'rafdb'"));
}

TEST(ClassFolders, AnUnknownFolderIsADefectNotAGuess) {
  const testing::TempDir dir;
  write_file(dir / "happy/a.png", "");
  write_file(dir / "bored/b.png", "");
  const auto set = read_data_set(dir.path(), {});
  EXPECT_EQ(set.listing.items.size(), 1u);
  EXPECT_EQ(set.listing.findings.first_defect(), "folder names no expression: 1 (bored/b.png)");
}

class ListEnds : public ::testing::TestWithParam<std::string> {};

TEST_P(ListEnds, AreAllRead) {
  const testing::TempDir dir;
  const std::string end = GetParam();
  write_file(dir / "img/a.png", "");
  write_file(dir / "img/B.png", "");
  write_file(dir / "list.csv", "\xEF\xBB\xBF path , Label,Usage,subject" + end + "img/a.png, HAPPINESS ,Training,p1" +
                                   end + end + "img/b.png,sad,PrivateTest,p2" + end);
  const auto set = read_data_set(dir.path(), {});
  EXPECT_EQ(set.listing.findings.num_defects(), 0u);
  ASSERT_EQ(set.listing.items.size(), 2u);
  EXPECT_EQ(label_of(set.listing.items[0]), Expression::happiness);
  EXPECT_EQ(set.listing.items[1].sample.split, Split::test);
  EXPECT_EQ(set.listing.items[1].sample.source, "img/B.png");
  EXPECT_EQ(set.listing.items[1].sample.subject, "p2");
}
INSTANTIATE_TEST_SUITE_P(LineEnds, ListEnds, ::testing::Values("\n", "\r\n", "\r"));

TEST(List, BadLinesAreNamedByNumber) {
  const testing::TempDir dir;
  for (const char* name : {"a.png", "b.png", "c.png"}) write_file(dir / name, "");
  write_file(dir / "list.csv", "path,label\na.png,happy\nb.png,bored\nc.png,3\nx,y,z\nd.png,sad\n");
  const auto set = read_data_set(dir / "list.csv", {});
  EXPECT_EQ(set.listing.items.size(), 1u);
  const auto& found = set.listing.findings;
  EXPECT_EQ(found.count("unmapped label"), 2u);
  EXPECT_EQ(found.count("bad line"), 1u);
  EXPECT_EQ(found.count("missing picture"), 1u);
  EXPECT_THAT(found.to_json().dump(), HasSubstr("list.csv line 4: '3' (numbers need --label-order)"));
  EXPECT_THAT(found.to_json().dump(), HasSubstr("list.csv line 5: 3 fields, the header has 2"));
}

TEST(List, SaysHowManyOfHowManyAreMissing) {
  const testing::TempDir dir;
  std::string list = "path,label\n";
  for (int i = 0; i < 100; ++i) list += fmt::format("p{}.png,happy\n", i);
  for (int i = 0; i < 10; ++i) write_file(dir / fmt::format("p{}.png", i), "");
  write_file(dir / "list.csv", list);
  EXPECT_THAT(read_data_set(dir.path(), {}).listing.findings.first_defect(),
              HasSubstr("missing picture: 90 of 100 (list.csv line 12: p10.png"));
}

TEST(List, WithoutLabelsIsRefusedWithTheReason) {
  const testing::TempDir dir;
  write_file(dir / "test.csv", "pixels\n" + pixels48(1) + "\n");
  EXPECT_THAT(message_of(dir.path()), HasSubstr("test.csv has no column label, emotion or expression"));
  EXPECT_THAT(message_of(dir / "test.csv"), HasSubstr("has no column label"));
  write_file(dir / "nopicture.csv", "label\nhappy\n");
  EXPECT_THAT(message_of(dir / "nopicture.csv"), HasSubstr("no column path"));
}

TEST(List, Fer2013WithAJunkLine) {
  const testing::TempDir dir;
  write_file(dir / "fer2013.csv", "emotion, Usage, pixels\r\n0,Training," + pixels48(70) + "\r\n6,PublicTest," +
                                      pixels48(80) + "\r\n3,PrivateTest," + pixels48(90) + "\r\n2,Training," + "1 2 3" +
                                      "\r\na,b,c,d,e,f\r\n");
  const auto set = read_data_set(dir.path(), {});
  ASSERT_EQ(set.listing.items.size(), 3u);
  EXPECT_EQ(label_of(set.listing.items[0]), Expression::anger);
  EXPECT_EQ(label_of(set.listing.items[1]), Expression::neutral);
  EXPECT_EQ(set.listing.items[1].sample.split, Split::valid);
  EXPECT_EQ(set.listing.items[2].inline_pixels.at(2303), 90);
  EXPECT_THAT(set.listing.findings.first_defect(),
              HasSubstr("bad line: 2 (fer2013.csv line 5: 3 pixels, expected 2304, fer2013.csv line 6: 6 fields"));
}

TEST(List, MuxspaceLegendGroupsByNameAndReportsRepeats) {
  const testing::TempDir dir;
  for (const char* name : {"set/images/Ann_Lee_0001.jpg", "set/images/Ann_Lee_0002.jpg", "set/images/Bo_0001.jpg"})
    write_file(dir / name, "");
  write_file(dir / "set/data/legend.csv",
             "user.id,image,emotion\n1,Ann_Lee_0001.jpg,HAPPINESS\n1,Ann_Lee_0002.jpg,anger\n2,Ann_Lee_0002.jpg,"
             "anger\n2,Bo_0001.jpg,fear\n3,Bo_0001.jpg,anger\n");
  write_file(dir / "set/data/500_picts_satz.csv", "Ann_Lee_0001.jpg,sad\rBo_0001.jpg,sad\r");
  const auto set = read_data_set(dir / "set", {});
  EXPECT_EQ(set.listing.data_set, "facial_expressions");
  EXPECT_TRUE(set.listing.pictures_may_be_shown);  // Apache-2.0
  ASSERT_EQ(set.listing.items.size(), 2u);         // Bo_0001 has two labels: neither is taken
  EXPECT_EQ(set.listing.items[0].sample.subject, "Ann_Lee");
  EXPECT_EQ(set.listing.items[0].sample.source, "images/Ann_Lee_0001.jpg");
  EXPECT_EQ(set.listing.findings.count("repeated entry"), 1u);
  EXPECT_EQ(set.listing.findings.count("repeated with another label, left out"), 1u);
}

TEST(List, DistributionBoxAndTextForm) {
  const testing::TempDir dir;
  for (const char* name : {"a b.png", "c.png"}) write_file(dir / name, "");
  write_file(dir / "d.csv",
             "file,neutral,happiness,sadness,surprise,fear,disgust,anger,contempt,x,y,w,h\nc.png,1,3,0,0,0,0,0,0,4,5,"
             "10,12\na b.png,0,0,0,0,0,0,0,0,1,1,1,1\n");
  const auto set = read_data_set(dir / "d.csv", {});
  ASSERT_EQ(set.listing.items.size(), 1u);
  EXPECT_EQ(label_of(set.listing.items[0]), Expression::happiness);
  EXPECT_FLOAT_EQ(set.listing.items[0].sample.distribution[0], 0.25f);
  EXPECT_EQ(set.listing.items[0].box->height, 12);
  EXPECT_EQ(set.listing.findings.count("bad line"), 1u);
  write_file(dir / "list.txt", "a b.png 1\nc.png 9\n");
  const auto text = read_data_set(dir / "list.txt", {.label_order = "affectnet"});
  ASSERT_EQ(text.listing.items.size(), 1u);
  EXPECT_EQ(text.listing.items[0].sample.source, "a b.png");
  EXPECT_EQ(text.listing.findings.count("left out by the label order"), 1u);
}

TEST(DataSet, RefusesWhatItCannotRead) {
  const testing::TempDir dir;
  std::filesystem::create_directory(dir / "empty");
  EXPECT_THAT(message_of(dir / "empty"), HasSubstr("no known layout among 0 files"));
  EXPECT_THAT(message_of(dir / "none"), HasSubstr("no such folder or file"));
  write_file(dir / "words.zip", "words");
  EXPECT_THAT(message_of(dir / "words.zip"), HasSubstr("words.zip: not a readable zip"));
  EXPECT_THAT(message_of(dir / "empty", {.layout = "folder"}), HasSubstr("Unknown layout 'folder'"));
}

Listing grouped_listing() {
  Listing listing;
  for (int i = 0; i < 300; ++i) {
    Item item;
    item.sample = single_label(Split::train, static_cast<Expression>(i % 3), fmt::format("p{}", i));
    if (i < 90) item.sample.subject = fmt::format("g{}", i / 9);
    listing.items.push_back(item);
  }
  return listing;
}

TEST(Splitting, KeepsSharesByClassAndGroupsTogether) {
  Listing listing = grouped_listing();
  split_listing(listing, {0.2, 0.1, 5});
  const auto counts = count_classes(listing);
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_EQ(counts.at(Split::valid)[k], 20u);
    EXPECT_EQ(counts.at(Split::test)[k], 10u);
  }
  std::map<std::string, std::set<Split>> sides;
  for (const Item& item : listing.items)
    if (!item.sample.subject.empty()) sides[item.sample.subject].insert(item.sample.split);
  for (const auto& [subject, splits] : sides) EXPECT_EQ(splits.size(), 1u) << subject;
}

TEST(Splitting, RepeatsForASeedAndDiffersForAnother) {
  Listing a = grouped_listing(), b = grouped_listing(), c = grouped_listing();
  split_listing(a, {0.2, 0, 5});
  split_listing(b, {0.2, 0, 5});
  split_listing(c, {0.2, 0, 6});
  const auto splits = [](const Listing& l) {
    std::vector<Split> out;
    for (const Item& item : l.items) out.push_back(item.sample.split);
    return out;
  };
  EXPECT_EQ(splits(a), splits(b));
  EXPECT_NE(splits(a), splits(c));
}

TEST(Splitting, RefusesBadSharesAndExistingSplits) {
  Listing listing = grouped_listing();
  EXPECT_THROW(split_listing(listing, {0.8, 0.3, 0}), Error);
  EXPECT_THROW(split_listing(listing, {-0.1, 0, 0}), Error);
  listing.items[0].sample.split = Split::valid;
  EXPECT_THROW(split_listing(listing, {0.1, 0, 0}), Error);
  EXPECT_NO_THROW(split_listing(listing, {0, 0.1, 0}));
}

}  // namespace
}  // namespace mien::dataset
