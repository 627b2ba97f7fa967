// SPDX-License-Identifier: Apache-2.0
#include "mien/recognise/inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/file.h"
#include "mien/image/draw.h"
#include "support/temp_dir.h"

namespace mien::recognise {
namespace {

class InputsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const image::Image image(8, 8, CV_8UC3, cv::Scalar(1, 2, 3));
    for (const char* name : {"b.png", "sub/c.jpg", ".hidden.png", ".git/d.png"}) image::write_image(dir_ / name, image);
    std::filesystem::rename(dir_ / "b.png", dir_ / "b.JPG");  // PNG bytes under another name
    write_file(dir_ / "notes.txt", "notes");
    write_file(dir_ / ".DS_Store", "x");
    write_file(dir_ / "broken.png", "no picture");
  }
  std::vector<std::string> names(const std::vector<std::string>& words) {
    std::vector<std::string> out;
    for (const auto& input : collect_inputs(words))
      out.push_back(input.path.lexically_relative(dir_.path()).string() + (input.error ? " !" : ""));
    return out;
  }
  std::string at(const std::string& name) const { return (dir_ / name).string(); }
  testing::TempDir dir_;
};

using ::testing::ElementsAre;

TEST_F(InputsTest, FoldersGiveTheirPicturesSorted) {
  EXPECT_THAT(names({dir_.path().string()}), ElementsAre("b.JPG", "broken.png", "sub/c.jpg"));
}

TEST_F(InputsTest, NamedFilesStayEvenIfTheyAreNoPictures) {
  EXPECT_THAT(names({at("notes.txt"), at("sub/c.jpg"), at("sub/c.jpg")}),
              ElementsAre("notes.txt", "sub/c.jpg", "sub/c.jpg"));
}

TEST_F(InputsTest, Patterns) {
  EXPECT_THAT(names({at("*.JPG")}), ElementsAre("b.JPG"));
  EXPECT_THAT(names({at("*")}), ElementsAre("b.JPG", "broken.png"));
  EXPECT_THAT(names({at("none*.jpg")}), ElementsAre("none*.jpg !"));
}

TEST_F(InputsTest, PicturesAreKnownByTheirContentAndTheRestIsCountedByKind) {
  for (const char* name : {"e.jfif", "f.jpg_large", "g"}) std::filesystem::copy(dir_ / "sub/c.jpg", dir_ / name);
  write_file(dir_ / "h", "GIF89a");
  write_file(dir_ / "sub/clip", std::string("\0\0\0\x18", 4) + "ftypisom");
  write_file(dir_ / ".ipynb_checkpoints/c-checkpoint.jpg", "x");
  std::filesystem::create_symlink("nowhere", dir_ / "i.jpg");
  PassedOver passed_over;
  std::vector<std::string> found;
  for (const auto& input : collect_inputs({dir_.path().string()}, &passed_over))
    found.push_back(input.path.lexically_relative(dir_.path()).string());
  EXPECT_THAT(found, ElementsAre("b.JPG", "broken.png", "e.jfif", "f.jpg_large", "g", "h", "i.jpg", "sub/c.jpg"));
  EXPECT_EQ(describe(passed_over), "hidden file or folder (1), text file (1), video file (1)");
  PassedOver of_pattern;
  EXPECT_EQ(collect_inputs({at("*")}, &of_pattern).size(), 7u);
  EXPECT_EQ(describe(of_pattern), "folder (1), text file (1)");
}

TEST_F(InputsTest, MissingFilesAndEmptyFoldersAreErrorsOfTheirOwn) {
  std::filesystem::create_directory(dir_ / "empty");
  write_file(dir_ / "empty/readme.txt", "");
  const auto inputs = collect_inputs({at("gone.jpg"), at("empty"), at("b.JPG")});
  ASSERT_EQ(inputs.size(), 3u);
  EXPECT_EQ(inputs[0].error->kind(), ErrorKind::missing);
  EXPECT_EQ(inputs[1].error->kind(), ErrorKind::bad_input);
  EXPECT_THAT(inputs[1].error->message(), ::testing::HasSubstr("no pictures"));
  EXPECT_FALSE(inputs[2].error);
}

TEST_F(InputsTest, PicturesComeInOrderAndErrorsDoNotStopTheRest) {
  for (const int ahead : {0, 1, 3, 99}) {
    std::vector<std::string> seen;
    PictureStream stream(collect_inputs({dir_.path().string(), at("gone.jpg")}), ahead);
    while (const auto picture = stream.next()) {
      seen.push_back(picture->path.filename().string() +
                     (picture->error ? " " + std::string(to_string(picture->error->kind())) : ""));
      EXPECT_EQ(picture->image.empty(), picture->error.has_value());
    }
    EXPECT_THAT(seen, ElementsAre("b.JPG", "broken.png bad_input", "c.jpg", "gone.jpg missing"));
  }
}

}  // namespace
}  // namespace mien::recognise
