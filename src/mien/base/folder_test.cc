// SPDX-License-Identifier: Apache-2.0
#include "mien/base/folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "support/temp_dir.h"

namespace mien {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;

TEST(Folder, ListsFilesFoldersAndWhatItCannotRead) {
  const testing::TempDir dir, elsewhere;
  for (const char* name : {"b/x.png", "a.csv", "b/.ipynb_checkpoints/x-checkpoint.png", ".DS_Store", "b/._x.png",
                           "__MACOSX/a.csv", "Thumbs.db", ".secret/y.png", "b/.z.png"})
    write_file(dir / name, "");
  fs::create_directory(dir / "empty");
  write_file(elsewhere / "c.png", "");
  fs::create_directory_symlink(elsewhere.path(), dir / "linked");
  fs::create_directory_symlink(dir.path(), dir / "b/circle");
  fs::create_symlink("nowhere.png", dir / "dangling.png");
  ASSERT_EQ(::mkfifo((dir / "pipe.jpg").c_str(), 0600), 0);
  const FolderListing found = list_folder(dir.path());
  EXPECT_THAT(found.files, ElementsAre("a.csv", "b/x.png", "linked/c.png"));
  EXPECT_THAT(found.folders, ElementsAre("b", "b/circle", "empty", "linked"));
  EXPECT_THAT(found.hidden, ElementsAre(".secret", "b/.z.png"));
  std::vector<std::string> unread;
  for (const auto& entry : found.unread) unread.push_back(entry.name + ": " + entry.why);
  EXPECT_THAT(unread, ::testing::UnorderedElementsAre("b/circle: a link back to a folder above it",
                                                      "dangling.png: a broken link", "pipe.jpg: a pipe or a device"));
  EXPECT_THROW(list_folder(dir / "none"), Error);
}

TEST(Folder, LitterIsKnownInAnyPart) {
  EXPECT_TRUE(is_litter("set/happy/.ipynb_checkpoints/a.png"));
  EXPECT_TRUE(is_litter("THUMBS.DB"));
  EXPECT_TRUE(is_litter("set/~$labels.xlsx"));
  EXPECT_FALSE(is_litter("set/.a.png"));
  EXPECT_TRUE(is_hidden("set/.a.png"));
  EXPECT_FALSE(is_hidden("set/a.png"));
}

}  // namespace
}  // namespace mien
