// SPDX-License-Identifier: Apache-2.0
#include "mien/train/lineage.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/hash.h"
#include "mien/nn/safetensors.h"
#include "mien/train/checkpoint.h"
#include "support/temp_dir.h"

namespace mien::train {
namespace {

TEST(Lineage, AFileOfOthersIsNamedAndHashed) {
  const testing::TempDir dir;
  write_file(dir / "net.pth", "weights");
  const auto lineage = lineage_of("backbone", dir / "net.pth");
  ASSERT_EQ(lineage.size(), 1u);
  EXPECT_EQ(lineage[0], (face::Ancestor{"backbone", "net.pth", content_hash("weights"), "", ""}));
  EXPECT_THROW(lineage_of("backbone", dir / "none.pth"), Error);
}

TEST(Lineage, ACheckpointBringsItsOwn) {
  const testing::TempDir dir;
  CheckpointInfo info;
  info.facts.classes = {"a", "b"};
  info.provenance.data_set = "FER+";
  info.provenance.licence = "research";
  info.provenance.lineage = {{"backbone", "net.pth", "00", "faces", "MIT"}};
  nn::write_safetensors(dir / "best.safetensors", {{"w", at::zeros({2})}}, to_metadata(info));
  const auto lineage = lineage_of("network", dir / "best.safetensors");
  ASSERT_EQ(lineage.size(), 2u);
  EXPECT_EQ(lineage[0].data_set, "FER+");
  EXPECT_EQ(lineage[0].licence, "research");
  EXPECT_EQ(lineage[1], (face::Ancestor{"backbone", "net.pth", "00", "faces", "MIT"}));
}

TEST(Lineage, AnImportedCheckpointNamesTheFileItCameFrom) {
  face::Provenance provenance;
  EXPECT_TRUE(lineage_in(provenance).empty());
  provenance.imported_from = "dan.pth";
  provenance.source_hash = "07";
  provenance.licence = "MIT";
  EXPECT_EQ(lineage_in(provenance), (std::vector<face::Ancestor>{{"network", "dan.pth", "07", "", "MIT"}}));
}

}  // namespace
}  // namespace mien::train
