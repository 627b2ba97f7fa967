// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/file_tree.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zip.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "support/temp_dir.h"

namespace mien::dataset {
namespace {

using ::testing::ElementsAre;

/// Stored, not compressed, so that the file contains the content's bytes unchanged.
std::filesystem::path make_zip(const testing::TempDir& dir,
                               const std::vector<std::pair<std::string, std::string>>& files) {
  const auto path = dir / "a.zip";
  zip_t* zip = zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [name, content] : files) {
    const auto index = zip_file_add(zip, name.c_str(), zip_source_buffer(zip, content.data(), content.size(), 0), 0);
    zip_set_file_compression(zip, static_cast<zip_uint64_t>(index), ZIP_CM_STORE, 0);
  }
  EXPECT_EQ(zip_close(zip), 0);
  return path;
}

TEST(FileTree, FolderAndZipLookTheSame) {
  const testing::TempDir dir;
  const std::vector<std::pair<std::string, std::string>> files = {{"b/x y.png", "pixels"}, {"a.csv", "list"},
                                                                  {"b/._x y.png", "l"},    {"__MACOSX/a.csv", "l"},
                                                                  {"b/Thumbs.db", "l"},    {".DS_Store", "l"}};
  for (const auto& [name, content] : files) write_file(dir.path() / "folder" / name, content);
  const auto folder = FileTree::open(dir / "folder"), zip = FileTree::open(make_zip(dir, files));
  for (const auto* tree : {folder.get(), zip.get()}) {
    EXPECT_THAT(tree->files(), ElementsAre("a.csv", "b/x y.png"));
    EXPECT_EQ(tree->read("b/x y.png"), "pixels");
    EXPECT_EQ(tree->find_loosely("B/X_Y.PNG"), "b/x y.png");
    EXPECT_FALSE(tree->find_loosely("x y.png"));
    EXPECT_THROW(tree->read("none"), Error);
  }
}

TEST(FileTree, AmbiguousNamesAreNotGuessed) {
  const testing::TempDir dir;
  write_file(dir / "f/A.png", "");
  write_file(dir / "f/a.png", "");
  const auto tree = FileTree::open(dir / "f");
  EXPECT_EQ(tree->find_loosely("A.png"), "A.png");
  EXPECT_FALSE(FileTree::open(dir / "f")->find_loosely("a.PNG"));
}

TEST(FileTree, CutAndDamagedZipsAreRefused) {
  const testing::TempDir dir;
  const std::string whole = read_file(make_zip(dir, {{"a.txt", "the content of a file"}}));
  for (std::size_t size = 0; size < whole.size(); size += 9) {
    write_file(dir / "cut.zip", std::string_view(whole).substr(0, size));
    EXPECT_THROW(FileTree::open(dir / "cut.zip")->read("a.txt"), Error) << size;
  }
  std::string damaged = whole;
  damaged[damaged.find("content")] = 'C';
  write_file(dir / "damaged.zip", damaged);
  EXPECT_THROW(FileTree::open(dir / "damaged.zip")->read("a.txt"), Error);
}

TEST(FileTree, SizesThatTheZipCannotHoldAreRefusedBeforeMemoryIsTaken) {
  const testing::TempDir dir;
  const std::string whole = read_file(make_zip(dir, {{"a.txt", "the content of a file"}}));
  const std::size_t entry =
      whole.find("PK\1\2");  // of the directory: stored size at 20, full size at 24, lowest byte first
  for (const std::string_view sizes :
       {std::string_view("\0\0\0\x30\0\0\0\x30", 8), std::string_view("\x15\0\0\0\0\0\0\x30", 8)}) {
    std::string lie = whole;
    lie.replace(entry + 20, sizes.size(), sizes);
    write_file(dir / "lie.zip", lie);
    try {
      FileTree::open(dir / "lie.zip")->read("a.txt");
      FAIL() << "nothing was refused";
    } catch (const Error& e) {
      EXPECT_THAT(e.what(), ::testing::HasSubstr("are impossible"));
    }
  }
}

}  // namespace
}  // namespace mien::dataset
