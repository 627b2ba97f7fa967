// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "mien/method/golden_scribe.h"
#include "mien/methods/fer_yolo_mamba/config.h"
#include "support/method_case.h"

namespace mien::methods::fer_yolo_mamba {

testing::MethodCase method_case();

namespace {

TEST(FerYoloMamba, EqualsItsGoldenFiles) {
  const auto config = make_config();
  for (const auto& stem : config->info().golden_files()) {
    method::GoldenScribe scribe(nn::read_safetensors("tests/golden/" + stem + ".safetensors"));
    config->answer_golden(scribe);
    const auto report = scribe.report();
    EXPECT_TRUE(report.passed()) << stem;
    EXPECT_GT(report.rows.size(), 30u);
    for (const auto& row : report.rows) EXPECT_TRUE(row.passed()) << row.name << " " << row.relative_error;
    for (const auto& name : report.unanswered) ADD_FAILURE() << name << " is not computed";
    for (const auto& name : report.absent) ADD_FAILURE() << name << " is not in the file";
  }
}

TEST(FerYoloMamba, EachFlagHasItsEffect) {
  const auto small = method_case();
  const auto plain = testing::observe(*make_config(), small, {});
  for (const auto& flag : small.flags) {
    const auto flagged = testing::observe(*make_config(), small, flag.settings);
    EXPECT_TRUE(std::isfinite(flagged.total)) << flag.settings.front();
    EXPECT_TRUE(flagged.gradient.isfinite().all().item<bool>()) << flag.settings.front();
    EXPECT_EQ(flag.effect(plain, flagged), "") << flag.settings.front();
  }
}

}  // namespace
}  // namespace mien::methods::fer_yolo_mamba
