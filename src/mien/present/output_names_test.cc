// SPDX-License-Identifier: Apache-2.0
#include "mien/present/output_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/file.h"
#include "support/errors.h"
#include "support/temp_dir.h"

namespace mien::present {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> names_of(const std::vector<fs::path>& paths) {
  std::vector<recognise::Input> inputs;
  for (const auto& path : paths) inputs.push_back({path, {}});
  std::vector<std::string> names;
  for (const auto& name : annotated_names(inputs)) names.push_back(name.string());
  return names;
}

TEST(AnnotatedNames, AreNeverGivenTwice) {
  EXPECT_THAT(names_of({"a.jpg", "b/a.png", "A.webp", "c.PNG"}), ElementsAre("a.jpg", "a-2.png", "A-3.jpg", "c.png"));
  EXPECT_THAT(names_of({"x/a.jpg", "y/a.jpg", "x/a-2.jpg"}), ElementsAre("a.jpg", "a-2.jpg", "a-2-2.jpg"));
}

class CheckOutputs : public ::testing::Test {
 protected:
  std::string said(const fs::path& out, bool explain = false, bool overwrite = false) {
    const fs::path picture = dir_ / "d/a.jpg";
    write_file(picture, "picture");
    OutputGuard guard("predict", overwrite);
    guard.reads(dir_ / "d");
    guard.reads(picture);
    return mien::testing::error_of([&] { check_outputs(guard, {{picture, {}}}, out, explain); }).message();
  }
  mien::testing::TempDir dir_;
};

TEST_F(CheckOutputs, TheInputFolderIsRefused) { EXPECT_THAT(said(dir_ / "d"), HasSubstr("is the input folder")); }

TEST_F(CheckOutputs, FilesOfOthersNeedOverwrite) {
  EXPECT_EQ(said(dir_ / "out", true), "no error");
  write_file(dir_ / "out/sheets/a.png", "drawn by hand");
  EXPECT_EQ(said(dir_ / "out"), "no error");
  EXPECT_THAT(said(dir_ / "out", true), HasSubstr("out/sheets/a.png exists"));
  EXPECT_EQ(said(dir_ / "out", true, true), "no error");
  write_file(dir_ / "other/maps/a/face1-crop.jpg", "drawn by hand");
  EXPECT_THAT(said(dir_ / "other", true), HasSubstr("face1-crop.jpg exists"));
}

}  // namespace
}  // namespace mien::present
