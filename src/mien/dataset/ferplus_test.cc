// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/ferplus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/dataset/data_set.h"
#include "support/temp_dir.h"

namespace mien::dataset {
namespace {

using pack::Split;

std::filesystem::path data_dir() {
  const char* dir = std::getenv("MIEN_DATA");
  return dir && *dir ? dir : "../shared/data";
}

/// Three parts with one picture name each ("pictures" are empty files: the reader does not decode).
void make_parts(const testing::TempDir& dir, const std::string& train_rows) {
  for (const char* part : {"FER2013Train", "FER2013Valid", "FER2013Test"}) {
    write_file(dir.path() / "data" / part / "fer0000000.png", "");
    write_file(dir.path() / "data" / part / "label.csv", "fer0000000.png,\"(0, 0, 48, 48)\",9,0,0,1,0,0,0,0,0,0\n");
  }
  write_file(dir.path() / "data/FER2013Train/label.csv", train_rows);
}

TEST(Ferplus, ReadsRowsWithAnyLineEndAndKeepsRawVotes) {
  const testing::TempDir dir;
  make_parts(dir,
             "\xEF\xBB\xBF"
             "fer0000000.png,\"(0, 0, 48, 48)\",0,0,7,1,0,2,0,0,0,0\r\n\r\n");
  write_file(dir.path() / "data/FER2013Train/._fer0000000.png", "litter");
  const auto tree = FileTree::open(dir.path());
  ASSERT_TRUE(looks_like_ferplus(*tree));
  const Listing listing = read_ferplus(*tree, {});
  EXPECT_EQ(listing.findings.num_defects(), 0u);
  ASSERT_EQ(listing.items.size(), 3u);
  const auto& s = listing.items[0].sample;
  EXPECT_EQ(s.split, Split::train);
  EXPECT_EQ(s.label, static_cast<int>(face::Expression::surprise));
  EXPECT_EQ(s.votes, (Votes{0, 0, 1, 7, 0, 2, 0, 0, 0, 0}));
  EXPECT_FLOAT_EQ(s.distribution[static_cast<std::size_t>(face::Expression::disgust)], 0.2f);
}

TEST(Ferplus, BadRowsMissingAndUnlabelledPicturesAreNamed) {
  const testing::TempDir dir;
  make_parts(dir, "fer0000000.png,\"(0, 0, 48, 48)\",9,0,0,1\nfer0000009.png,\"(0, 0, 48, 48)\",9,0,0,1,0,0,0,0,0,0\n");
  const Listing listing = read_ferplus(*FileTree::open(dir.path()), {});
  EXPECT_EQ(listing.findings.num_defects(), 2u);
  EXPECT_THAT(listing.findings.first_defect(),
              ::testing::HasSubstr("label.csv line 1: expected name, box and ten votes"));
  EXPECT_EQ(listing.items.size(), 2u);
  const auto& remarks = read_data_set(dir.path(), {}).listing.findings;
  EXPECT_EQ(remarks.count("picture without a label"), 1u);
}

TEST(Ferplus, AMissingPartIsADefect) {
  const testing::TempDir dir;
  make_parts(dir, "fer0000000.png,\"(0, 0, 48, 48)\",9,0,0,1,0,0,0,0,0,0\n");
  std::filesystem::remove_all(dir.path() / "data/FER2013Valid");
  const Listing listing = read_ferplus(*FileTree::open(dir.path()), {});
  EXPECT_EQ(listing.findings.first_defect(), "missing part: 1 (FER2013Valid/label.csv)");
}

TEST(Ferplus, OfficialCountsOfTheRealFiles) {
  const auto path = data_dir() / "ferplus.zip";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << path << " is not there (set MIEN_DATA)";
  const auto tree = FileTree::open(path);
  const Listing listing = read_ferplus(*tree, {});
  EXPECT_EQ(count_classes(listing), listing.official);
  EXPECT_EQ(listing.items.size(), 25045u + 3191u + 3137u);
  EXPECT_EQ(listing.findings.num_defects(), 0u);

  const Listing other = read_ferplus(*tree, {LabelRule::majority, true});
  const auto counts = count_classes(other);
  for (const auto& [split, official] : other.official)  // the four repeated names may cost a row each
    for (std::size_t k = 0; k < official.size(); ++k)
      EXPECT_NEAR(double(counts.at(split)[k]), double(official[k]), 2) << k;
}

}  // namespace
}  // namespace mien::dataset
