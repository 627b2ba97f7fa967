// SPDX-License-Identifier: Apache-2.0
// Readers on data sets as found in practice: detected by content, joined by row, recognised by name. "Pictures" are
// empty files or a few bytes, as readers do not decode.
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/dataset/data_set.h"
#include "mien/dataset/npy.h"
#include "support/listing.h"
#include "support/temp_dir.h"

namespace mien::dataset {
namespace {

using face::Expression;
using pack::Split;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::label_of;
using testing::pixels48;
using namespace std::string_literals;

const std::string kJpeg = "\xFF\xD8\xFF\xE0";

std::string error_of(const std::filesystem::path& path, const ReadOptions& options = {}) {
  try {
    read_data_set(path, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

std::vector<std::string> sources(const DataSet& set) {
  std::vector<std::string> out;
  for (const Item& item : set.listing.items) out.push_back(item.sample.source);
  return out;
}

TEST(Readers, PicturesAreKnownByContentAndTheRestIsCountedByKind) {
  const testing::TempDir dir;
  for (const char* name : {"happy/a.jfif", "happy/b.jpg_large", "sad/c", "sad/.ipynb_checkpoints/c-checkpoint.png"})
    write_file(dir / name, kJpeg);
  write_file(dir / "happy/d.jxl", "\xFF\x0A");
  write_file(dir / "happy/e.jp2", "\0\0\0\x0CjP  \r\n"s);
  write_file(dir / "readme.md", "words");
  write_file(dir / "clip", "\0\0\0\x18"s + "ftypmp42");
  write_file(dir / ".cache/x", "");
  const auto set = read_data_set(dir.path(), {});
  EXPECT_THAT(sources(set), ElementsAre("happy/a.jfif", "happy/b.jpg_large", "sad/c"));
  const Findings& found = set.listing.findings;
  EXPECT_EQ(found.first_defect(),
            "picture of a kind that is not read: 2 (happy/d.jxl: JPEG XL picture, happy/e.jp2: JPEG 2000 picture)");
  EXPECT_EQ(found.count("not used: text file"), 1u);
  EXPECT_EQ(found.count("not used: video file"), 1u);
  EXPECT_EQ(found.count("not used: hidden file or folder"), 1u);
}

TEST(Readers, OfAListOnlyTheFoldersWithItsPicturesAreLookedAt) {
  const testing::TempDir dir;
  for (const char* name : {"images/a.png", "images/b.png", "other/c.png"}) write_file(dir / name, kJpeg);
  write_file(dir / "list.csv", "path,label\na.png,happy\n");
  const auto set = read_data_set(dir / "list.csv", {});
  EXPECT_EQ(set.listing.findings.count("picture without a label"), 1u);  // images/b.png
  EXPECT_EQ(read_data_set(dir.path(), {}).listing.findings.count("picture without a label"), 2u);
}

// --- FER2013's pixels with FER+'s votes

void make_fer2013(const testing::TempDir& dir, const std::string& second_usage = "Training") {
  write_file(dir / "fer2013.csv", "emotion,pixels,Usage\n0," + pixels48(1) + ",Training\n3," + pixels48(2) +
                                      ",Training\n6," + pixels48(3) + ",PrivateTest\n");
  write_file(dir / "fer2013new.csv",
             "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n"
             "Training,,0,0,0,0,0,0,0,0,0,10\n" +
                 second_usage +
                 ",fer0000000.png,8,2,0,0,0,0,0,0,0,0\nPrivateTest,fer0000001.png,0,0,0,0,0,0,0,9,1,0\n");
}

ReadOptions with_votes() {
  ReadOptions options;
  options.ferplus.from_fer2013new = options.votes_are_stated = true;
  return options;
}

TEST(Votes, AreJoinedByRowAndNeverChosenInSilence) {
  const testing::TempDir dir;
  make_fer2013(dir);
  EXPECT_THAT(error_of(dir.path()), HasSubstr("Choose one: --votes fer2013new.csv joins the votes by row"));
  for (const auto& path : {dir.path(), dir / "fer2013.csv", dir / "fer2013new.csv"}) {
    const auto set = read_data_set(path, with_votes());
    EXPECT_EQ(set.listing.layout, "ferplus");
    ASSERT_EQ(set.listing.items.size(), 2u);  // the first row has no face
    EXPECT_EQ(label_of(set.listing.items[0]), Expression::neutral);
    EXPECT_EQ(set.listing.items[0].inline_pixels.at(0), 2);
    EXPECT_EQ(set.listing.items[0].sample.source, "fer2013.csv line 3");
    EXPECT_EQ(label_of(set.listing.items[1]), Expression::contempt);
    EXPECT_EQ(set.listing.items[1].sample.split, Split::test);
    EXPECT_EQ(set.listing.findings.count("row without a picture (no face)"), 1u);
    EXPECT_THAT(set.listing.label_source, HasSubstr("fer2013new.csv"));
  }
  EXPECT_EQ(read_data_set(dir / "fer2013new.csv", {}).listing.items.size(), 2u);
  EXPECT_EQ(read_data_set(dir.path(), {.layout = "ferplus"}).listing.items.size(), 2u);
}

TEST(Votes, FER2013sOwnLabelsAreReadWhenAskedForAndSaid) {
  const testing::TempDir dir;
  make_fer2013(dir);
  for (const auto& set : {read_data_set(dir / "fer2013.csv", {}), read_data_set(dir.path(), {.layout = "csv"})}) {
    EXPECT_EQ(set.listing.items.size(), 3u);
    EXPECT_EQ(set.listing.label_source, "fer2013.csv");
  }
  EXPECT_EQ(
      read_data_set(dir / "fer2013.csv", {})
          .listing.findings.count(
              "FER+'s votes were found next to FER2013's labels and are not used; --votes fer2013new.csv joins them"),
      1u);
}

TEST(Votes, ListsThatDoNotMatchAreRefused) {
  const testing::TempDir dir;
  make_fer2013(dir, "PublicTest");
  EXPECT_THAT(error_of(dir.path(), with_votes()), HasSubstr("row 2 is of PublicTest, in fer2013.csv of Training"));
  make_fer2013(dir);
  write_file(dir / "fer2013.csv", read_file(dir / "fer2013.csv") + "6," + pixels48(3) + ",PrivateTest\n");
  EXPECT_THAT(error_of(dir.path(), with_votes()), HasSubstr("fewer rows than fer2013.csv"));
}

TEST(Votes, OptionsOfAnotherDataSetAreRefused) {
  const testing::TempDir dir;
  write_file(dir / "happy/a.png", kJpeg);
  write_file(dir / "fer2013new.csv",
             "Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,unknown,NF\n");
  EXPECT_THAT(error_of(dir.path(), with_votes()), HasSubstr("read in layout folders, which has no votes"));
  EXPECT_THAT(error_of(dir.path(), {.rule_is_stated = true}), HasSubstr("--label-rule has no effect"));
  EXPECT_THAT(error_of(dir / "fer2013new.csv"), HasSubstr("votes without pictures"));
}

TEST(Labels, ThatContradictTheFolderAreSaid) {
  const testing::TempDir dir;
  write_file(dir / "happy/a.png", kJpeg);
  write_file(dir / "sad/b.png", kJpeg);
  write_file(dir / "list.csv", "path,label\nhappy/a.png,happy\nsad/b.png,angry\n");
  EXPECT_EQ(read_data_set(dir.path(), {})
                .listing.findings.count("label of the list used, although the folder has another class"),
            1u);
}

// --- names of pictures in lists

struct Named {
  std::string listed, why;  ///< why: text of the finding; empty if the picture is found
};

class ListedNames : public ::testing::TestWithParam<Named> {};

TEST_P(ListedNames, AreFoundOrTheTrueReasonIsSaid) {
  const testing::TempDir dir;
  for (const char* name :
       {"set/train/a.png", "set/train/B.png", "set/x/twice.png", "set/y/twice.png", "set/Q.png", "set/q.PNG"})
    write_file(dir / name, kJpeg);
  std::string listed = GetParam().listed;
  if (const auto at = listed.find("ROOT"); at != std::string::npos) listed.replace(at, 4, dir.path().string());
  write_file(dir / "set/list.csv", "path,label\n" + csv_cell(listed) + ",happy\ntrain/a.png,happy\n");
  const auto set = read_data_set(dir / "set", {});
  if (GetParam().why.empty())
    EXPECT_EQ(set.listing.findings.num_defects(), 0u) << set.listing.findings.first_defect();
  else
    EXPECT_THAT(set.listing.findings.first_defect(), HasSubstr(GetParam().why));
}
INSTANTIATE_TEST_SUITE_P(Names, ListedNames,
                         ::testing::Values(Named{"train\\B.png", ""}, Named{".\\train\\b.PNG", ""},
                                           Named{"./train/B.png", ""}, Named{"ROOT/set/train/B.png", ""},
                                           Named{"file://ROOT/set/train/B.png", ""}, Named{"B.png", ""},
                                           Named{"train/B", ""}, Named{"train/B.jpg", "(there is train/B.png)"},
                                           Named{"twice.png", "several files have this name: x/twice.png, y/twice.png"},
                                           Named{"q.png", "several files differ only in case"},
                                           Named{"https://host/B.png", "mien does not download anything"},
                                           Named{"z/B.png", "missing picture: 1 of 2 (list.csv line 2: z/B.png)"}));

TEST(List, PathsOfAnotherMachineAreReadWithoutTheirBeginning) {
  const testing::TempDir dir;
  for (const char* name : {"set/happy/1.png", "set/sad/1.png"}) write_file(dir / name, kJpeg);
  write_file(
      dir / "set/list.csv",
      "path,label\nC:\\Users\\Ann\\fer\\happy\\1.png,happy\nC:\\Users\\Ann\\fer\\sad\\1.png,sad\nC:\\Users\\Ann\\"
      "fer\\sad\\2.png,sad\n");
  const auto set = read_data_set(dir / "set", {});
  EXPECT_THAT(sources(set), ElementsAre("happy/1.png", "sad/1.png"));
  EXPECT_EQ(set.listing.findings.count("missing picture"), 1u);
  EXPECT_EQ(set.listing.findings.count("paths of the list read without their prefix 'C:/Users/Ann/fer/'"), 1u);
}

TEST(List, AFileOutsideTheFolderIsReadByItsAbsolutePath) {
  const testing::TempDir dir, elsewhere;
  write_file(elsewhere / "a.png", "content");
  write_file(dir / "list.csv", "path,label\n" + (elsewhere / "a.png").string() + ",happy\n");
  const auto set = read_data_set(dir / "list.csv", {});
  ASSERT_EQ(set.listing.items.size(), 1u);
  EXPECT_EQ(set.tree->read(set.listing.items[0].sample.source), "content");
}

TEST(Zip, NamesWithBackslashesAndEmptyFolders) {
  const testing::TempDir dir;
  const auto path = dir / "a.zip";
  zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const char* name : {"set\\train\\happy\\a.png", "set\\train\\sad\\b.png"})
    zip_file_add(zip, name, zip_source_buffer(zip, kJpeg.data(), kJpeg.size(), 0), 0);
  zip_dir_add(zip, "set/train/fear", 0);
  ASSERT_EQ(zip_close(zip), 0);
  const auto set = read_data_set(path, {});
  EXPECT_THAT(sources(set), ElementsAre("set/train/happy/a.png", "set/train/sad/b.png"));
  EXPECT_THAT(class_names(set.listing), ElementsAre("happiness", "sadness", "fear"));
  EXPECT_EQ(set.tree->read("set/train/happy/a.png"), kJpeg);
}

// --- tables of annotation tools and spreadsheets

struct Table {
  std::string name, content;
};

class Tables : public ::testing::TestWithParam<Table> {};

TEST_P(Tables, GiveTwoPictures) {
  const testing::TempDir dir;
  for (const char* name : {"img/é.png", "img/b.png"}) write_file(dir / name, kJpeg);
  write_file(dir / GetParam().name, GetParam().content);
  const auto set = read_data_set(dir / GetParam().name, {.label_order = "canonical"});
  EXPECT_EQ(set.listing.findings.num_defects(), 0u) << set.listing.findings.first_defect();
  ASSERT_EQ(set.listing.items.size(), 2u);
  EXPECT_EQ(label_of(set.listing.items[0]), Expression::happiness);
  EXPECT_EQ(label_of(set.listing.items[1]), Expression::sadness);
}
INSTANTIATE_TEST_SUITE_P(
    Kinds, Tables,
    ::testing::Values(Table{"semicolon.csv",
                            "sep=;\r\nImage Name;Emotion Label\r\nimg/é.png;Happy\r\nimg/b.png;Sad\r\n"},
                      Table{"tabs.tsv", "file_name\tClass\nimg/é.png\thappy\nimg/b.png\tsad\n"},
                      Table{"latin.csv", "filepath,category\nimg/\xE9.png,happy\nimg/b.png,sad\n"},
                      Table{"unicode.txt",
                            "\xFF\xFE"
                            "p\0a\0t\0h\0\t\0c\0l\0a\0s\0s\0\n\0"
                            "i\0m\0g\0/\0\xE9\0.\0p\0n\0g\0\t\0"
                            "1\0\n\0"
                            "i\0m\0g\0/\0b\0.\0p\0n\0g\0\t\0"
                            "2\0\n\0"s},
                      Table{"floats.csv", ",img_path,label\n0,img/é.png,1.0\n1,img/b.png,2.0\n"},
                      Table{"onehot.csv", "filename, Happy, Sad\nimg/é.png,1,0\nimg/b.png,0,1\n"},
                      Table{"corners.csv",
                            "filename,width,height,class,xmin,ymin,xmax,ymax\nimg/é.png,9,9,happy,1,1,5,6\n"
                            "img/b.png,9,9,sad,1,1,5,6\n"},
                      Table{"bare.csv", "img/é.png,happy\nimg/b.png,sad\n"},
                      Table{"two_labels.csv", "path,label,emotion\nimg/é.png,x1,happy\nimg/b.png,x2,sad\n"},
                      Table{"comma.lst", "img/é.png,happy\nimg/b.png,sad\n"},
                      Table{"empty_rows.csv", "path,label,\nimg/é.png,happy,\n,,\nimg/b.png,sad,\n"},
                      Table{"words.txt", "img/é.png happy\nimg/b.png sad\n"}));

TEST(List, ACellMayHoldALineBreakAndAPictureSeveralFaces) {
  const testing::TempDir dir;
  write_file(dir / "two\nlines.png", kJpeg);
  write_file(dir / "list.csv",
             "path,label,x,y,w,h\n\"two\nlines.png\",happy,0,0,5,5\n\"two\nlines.png\",sad,9,0,5,5\n\"two\nlines.png\","
             "sad,9,0,5,5\nmissing.png,sad,,,,\n");
  const auto set = read_data_set(dir.path(), {});
  EXPECT_EQ(set.listing.items.size(), 2u);
  EXPECT_EQ(set.listing.findings.count("repeated entry"), 1u);
  EXPECT_THAT(set.listing.findings.first_defect(), HasSubstr("list.csv line 8: missing.png"));
}

TEST(List, WorkbooksAreCalledWhatTheyAre) {
  const testing::TempDir dir;
  write_file(dir / "list.csv", "PK\x03\x04 rest");
  EXPECT_THAT(error_of(dir / "list.csv"), HasSubstr("a spreadsheet workbook"));
}

// --- data sets by name

TEST(RafDb, AsItIsCirculatedWithTwoLists) {
  const testing::TempDir dir;
  for (const char* name : {"DATASET/train/5/train_00001_aligned.jpg", "DATASET/test/4/test_0001_aligned.jpg"})
    write_file(dir / name, kJpeg);
  for (int i = 1; i <= 7; ++i) std::filesystem::create_directories(dir / fmt::format("DATASET/train/{}", i));
  const auto folders = read_data_set(dir / "DATASET", {});
  EXPECT_EQ(folders.listing.data_set, "RAF-DB");
  write_file(dir / "train_labels.csv", "image,label\ntrain_00001_aligned.jpg,5\n");
  write_file(dir / "test_labels.csv", "image,label\ntest_0001_aligned.jpg,4\n");
  const auto lists = read_data_set(dir.path(), {});
  EXPECT_EQ(lists.listing.data_set, "RAF-DB");
  for (const auto* set : {&folders, &lists}) {
    EXPECT_EQ(set->listing.findings.num_defects(), 0u) << set->listing.findings.first_defect();
    EXPECT_EQ(class_names(set->listing).size(), 7u);
    ASSERT_EQ(set->listing.items.size(), 2u);
    for (const Item& item : set->listing.items)
      EXPECT_EQ(label_of(item), item.sample.split == Split::train ? Expression::sadness : Expression::happiness);
  }
  const auto one = read_data_set(dir / "train_labels.csv", {});
  EXPECT_EQ(one.listing.items.size(), 1u);
}

TEST(AffectNet, OriginalListsWithAndWithoutTheFirstLine) {
  const testing::TempDir dir;
  for (const char* name :
       {"Manually_Annotated_Images/12/a.jpg", "Manually_Annotated_Images/7/b.JPG", "Manually_Annotated_Images/7/c.png"})
    write_file(dir / name, kJpeg);
  std::string points = "1.5";
  for (int i = 1; i < 136; ++i) points += ";2.5";
  const std::string lists = "Manually_Annotated_file_lists/";
  write_file(dir / (lists + "training.csv"),
             "subDirectory_filePath,face_x,face_y,face_width,face_height,facial_landmarks,expression,valence,arousal\n"
             "12/a.jpg,134,134,899,899," +
                 points + ",1,0.78,-0.05\n7/c.png,1,1,9,9," + points + ",8,-2,-2\n");
  write_file(dir / (lists + "validation.csv"), "7/b.JPG,1,2,30,40," + points + ",7,0.1,0.1\n");
  write_file(dir / (lists + "automatically_annotated.csv"), "subDirectory_filePath,expression\n");
  const auto set = read_data_set(dir.path(), {});
  EXPECT_EQ(set.listing.data_set, "AffectNet");
  EXPECT_EQ(set.listing.findings.num_defects(), 0u) << set.listing.findings.first_defect();
  ASSERT_EQ(set.listing.items.size(), 2u);
  EXPECT_EQ(label_of(set.listing.items[0]), Expression::happiness);
  EXPECT_EQ(set.listing.items[0].box->width, 899);
  EXPECT_EQ(label_of(set.listing.items[1]), Expression::contempt);
  EXPECT_EQ(set.listing.items[1].sample.split, Split::test);
  EXPECT_EQ(set.listing.findings.count("left out by the label order"), 1u);
  EXPECT_EQ(class_names(set.listing).size(), 8u);
}

std::string npy(const std::string& type, const std::string& data, const std::string& shape = "()") {
  std::string header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': " + shape + ", }";
  header.resize(117, ' ');
  header += '\n';
  return "\x93NUMPY\x01\0"s + static_cast<char>(header.size()) + '\0' + header + data;
}

TEST(AffectNet, OneValueAFile) {
  const testing::TempDir dir;
  for (const char* part : {"train_set", "val_set"}) {
    write_file(dir.path() / part / "images/7.jpg", kJpeg);
    write_file(dir.path() / part / "annotations/7_val.npy", npy("<f4", "\0\0\0\0"s));
  }
  write_file(dir / "train_set/annotations/7_exp.npy", npy("<U1", "3\0\0\0"s));
  write_file(dir / "val_set/annotations/7_exp.npy", npy("|S1", "6"));
  write_file(dir / "val_set/annotations/8_exp.npy", npy("|S1", "6"));
  const auto set = read_data_set(dir.path(), {});
  EXPECT_EQ(set.listing.layout, "affectnet");
  ASSERT_EQ(set.listing.items.size(), 2u);
  EXPECT_EQ(label_of(set.listing.items[0]), Expression::surprise);
  EXPECT_EQ(set.listing.items[0].sample.split, Split::train);
  EXPECT_EQ(label_of(set.listing.items[1]), Expression::anger);
  EXPECT_EQ(set.listing.items[1].sample.split, Split::test);
  EXPECT_THAT(set.listing.findings.first_defect(), HasSubstr("val_set/images/8.jpg"));
  EXPECT_EQ(set.listing.findings.entries().size(), 2u);  // one tells the use of the validation pictures
}

TEST(Npy, TextAndNumbersOfAnySize) {
  EXPECT_EQ(npy_value(npy("<U2", "1\0\0\0\0\0\0\0"s), "a"), "1");
  EXPECT_EQ(npy_value(npy(">U1",
                          "\0\0\0"
                          "4"s),
                      "a"),
            "4");
  EXPECT_EQ(npy_value(npy("<i8", "\x05\0\0\0\0\0\0\0"s), "a"), "5");
  EXPECT_EQ(npy_value(npy(">i2", "\xFF\xFE"s), "a"), "-2");
  EXPECT_EQ(npy_value(npy("|u1", "\x07", "(1,)"), "a"), "7");
  EXPECT_EQ(npy_value(npy("<f8", "\0\0\0\0\0\0\x08\x40"s), "a"), "3");
  EXPECT_EQ(npy_value(npy("<f4", "\0\0\x40\x40"s), "a"), "3");
  EXPECT_THROW(npy_value(npy("|O", "x"), "a"), Error);
  EXPECT_THROW(npy_value(npy("<i8", "\x05"), "a"), Error);
  EXPECT_THROW(npy_value(npy("<i8", "\x05\0\0\0\0\0\0\0"s, "(2,)"), "a"), Error);
  EXPECT_THROW(npy_value("\x93NUMPY\x01\0\xFF\xFF{"s, "a"), Error);
}

}  // namespace
}  // namespace mien::dataset
