// SPDX-License-Identifier: Apache-2.0
#include "mien/train/run_folder.h"

#include <gtest/gtest.h>

#include "mien/base/file.h"
#include "mien/base/text.h"
#include "support/temp_dir.h"

namespace mien::train {
namespace {

std::string rows_of(const RunFolder& folder) {
  std::string out;
  for (const auto& line : lines_of(read_file(folder.path() / "metrics.jsonl"))) {
    if (line.empty()) continue;
    const Json row = Json::parse(line);
    out += row.at("stage").get<std::string>() + std::to_string(row.at("epoch").get<int>()) + " ";
  }
  return out;
}

TEST(RunFolder, ResumingKeepsTheRowsOfEarlierStages) {
  const testing::TempDir dir;
  const RunFolder folder(dir.path());
  for (const auto& [stage, epoch] : {std::pair{"a", 1}, {"a", 2}, {"a", 3}, {"b", 1}, {"b", 2}})
    folder.append_metrics({{"stage", stage}, {"epoch", epoch}});
  write_file(dir / "metrics.jsonl", read_file(dir / "metrics.jsonl") + "{\"stage\": \"b\", \"ep");  // cut by a kill
  folder.trim_metrics({"a"}, "b", 1);
  EXPECT_EQ(rows_of(folder), "a1 a2 a3 b1 ");
  folder.trim_metrics({"a"}, "b", 0);
  EXPECT_EQ(rows_of(folder), "a1 a2 a3 ");
  folder.trim_metrics({}, "a", 2);
  EXPECT_EQ(rows_of(folder), "a1 a2 ");
}

TEST(RunFolder, KnowsWhetherAnythingWasTrained) {
  const testing::TempDir dir;
  const RunFolder folder(dir.path());
  folder.append_log("began");
  EXPECT_TRUE(folder.is_untrained());
  folder.append_metrics({{"stage", "main"}, {"epoch", 1}});
  EXPECT_FALSE(folder.is_untrained());
}

}  // namespace
}  // namespace mien::train
