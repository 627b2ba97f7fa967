// SPDX-License-Identifier: Apache-2.0
#include "mien/base/output_guard.h"

#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "mien/base/file.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mien {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class OutputGuardTest : public ::testing::Test {
 protected:
  /// The message about `output` if `input` is read.
  std::string said(const fs::path& input, const fs::path& output, bool overwrite = false,
                   OutputKind kind = OutputKind::pack) {
    OutputGuard guard("data pack", overwrite);
    guard.reads(input);
    return testing::error_of([&] { guard.writes("-o", output, kind); }).message();
  }
  testing::TempDir dir_;
};

TEST_F(OutputGuardTest, AnInputIsNoOutputUnderAnyName) {
  write_file(dir_ / "d/set.zip", "pictures");
  fs::create_symlink(dir_ / "d/set.zip", dir_ / "link.zip");
  fs::create_hard_link(dir_ / "d/set.zip", dir_ / "second.zip");
  fs::create_directory_symlink(dir_ / "d", dir_ / "e");
  for (const fs::path& output : {dir_ / "d/set.zip", dir_ / "link.zip", dir_ / "second.zip", dir_ / "e/set.zip",
                                 dir_ / "d/../d/./set.zip", fs::relative(dir_ / "d/set.zip")})
    for (const bool overwrite : {false, true})
      EXPECT_THAT(said(dir_ / "d/set.zip", output, overwrite), HasSubstr("would replace the input")) << output;
  EXPECT_EQ(said(dir_ / "d/set.zip", dir_ / "other.pack"), "no error");
}

TEST_F(OutputGuardTest, AnInputThatIsALinkProtectsItsFile) {
  write_file(dir_ / "set.zip", "pictures");
  fs::create_symlink(dir_ / "set.zip", dir_ / "link.zip");
  EXPECT_THAT(said(dir_ / "link.zip", dir_ / "set.zip"), HasSubstr("would replace the input"));
}

TEST_F(OutputGuardTest, OthersFilesNeedOverwrite) {
  write_file(dir_ / "notes.txt", "a day's work");
  EXPECT_THAT(said(dir_ / "in", dir_ / "notes.txt"), HasSubstr("was not written by mien"));
  EXPECT_EQ(said(dir_ / "in", dir_ / "notes.txt", /*overwrite=*/true), "no error");
  write_file(dir_ / "empty", "");
  EXPECT_EQ(said(dir_ / "in", dir_ / "empty"), "no error");
}

TEST_F(OutputGuardTest, OurFilesAreKnownByTheirContentAndKind) {
  write_file(dir_ / "a.pack", "MIENPACK....");
  write_file(dir_ / "a.onnx", "....mien.card....");
  write_file(dir_ / "a.jpg", fmt::format("....{}", kPictureMark));
  write_file(dir_ / "a.html", fmt::format("<!doctype html><meta {}>", kPageMark));
  write_file(dir_ / "a.csv", fmt::format("{}\n", kTruthColumns));
  EXPECT_EQ(said("", dir_ / "a.pack", false, OutputKind::pack), "no error");
  EXPECT_EQ(said("", dir_ / "a.onnx", false, OutputKind::model), "no error");
  EXPECT_EQ(said("", dir_ / "a.jpg", false, OutputKind::picture), "no error");
  EXPECT_EQ(said("", dir_ / "a.html", false, OutputKind::page), "no error");
  EXPECT_EQ(said("", dir_ / "a.csv", false, OutputKind::table), "no error");
  EXPECT_THAT(said("", dir_ / "a.onnx", false, OutputKind::pack), HasSubstr("was not written by mien"));
  EXPECT_THAT(said("", dir_ / "a.pack", false, OutputKind::table), HasSubstr("was not written by mien"));
}

TEST_F(OutputGuardTest, FilesOfAnInputFolderStayEvenWithOverwrite) {
  write_file(dir_ / "d/a.jpg", "picture");
  EXPECT_THAT(said(dir_ / "d", dir_ / "d/a.jpg", /*overwrite=*/true), HasSubstr("a file of the input folder"));
  EXPECT_EQ(said(dir_ / "d", dir_ / "d/new.pack"), "no error");
}

TEST_F(OutputGuardTest, FoldersDevicesAndPipesAreNoFiles) {
  fs::create_directory(dir_ / "d");
  ASSERT_EQ(::mkfifo((dir_ / "pipe").c_str(), 0600), 0);
  EXPECT_THAT(said("", dir_ / "d"), HasSubstr("is a folder"));
  EXPECT_THAT(said("", dir_ / "pipe", true), HasSubstr("a device or a pipe"));
  EXPECT_THAT(said("", "/dev/null", true), HasSubstr("a device or a pipe"));
}

TEST_F(OutputGuardTest, TwoOutputsAreTwoFiles) {
  OutputGuard guard("data subset", false);
  guard.writes("-o", dir_ / "a.pack", OutputKind::pack);
  fs::create_directory(dir_ / "d");
  EXPECT_THROW(guard.writes("--rest", dir_ / "d/../a.pack", OutputKind::pack), Error);
  EXPECT_NO_THROW(guard.writes("--rest", dir_ / "b.pack", OutputKind::pack));
}

TEST_F(OutputGuardTest, AnOutputFolderIsNoInputFolder) {
  write_file(dir_ / "d/a.jpg", "picture");
  fs::create_directory_symlink(dir_ / "d", dir_ / "link");
  OutputGuard guard("predict", true);
  guard.reads(dir_ / "d");
  for (const fs::path& folder : {dir_ / "d", dir_ / "link", dir_ / "d/../d"})
    EXPECT_THAT(testing::error_of([&] { guard.writes_into("--out", folder); }).message(),
                HasSubstr("is the input folder"));
  EXPECT_THAT(testing::error_of([&] { guard.writes_into("--out", dir_ / "d/a.jpg"); }).message(),
              HasSubstr("is a file"));
  EXPECT_NO_THROW(guard.writes_into("--out", dir_ / "d/annotated"));
  EXPECT_NO_THROW(guard.writes_into("--out", dir_ / "new"));
}

}  // namespace
}  // namespace mien
