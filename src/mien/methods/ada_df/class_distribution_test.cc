// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/ada_df/class_distribution.h"

#include <gtest/gtest.h>

#include "support/worst.h"

namespace mien::methods::ada_df {
namespace {

using testing::worst;

ClassSums case_e() {
  ClassSums sums(3);
  sums.add(torch::tensor({{0.8f, 0.1f, 0.1f}, {0.5f, 0.4f, 0.1f}, {0.05f, 0.05f, 0.9f}}),
           torch::tensor({0, 1, 2}, at::kLong));
  sums.add(torch::tensor({{0.9f, 0.05f, 0.05f}, {0.2f, 0.6f, 0.2f}, {0.1f, 0.2f, 0.7f}}),
           torch::tensor({0, 1, 2}, at::kLong));
  return sums;
}

TEST(ClassDistributions, StartTable) {
  EXPECT_LT(worst(threshold_table(3, 0.7, 1 - 0.7),
                  torch::tensor({{0.7f, 0.15f, 0.15f}, {0.15f, 0.7f, 0.15f}, {0.15f, 0.15f, 0.7f}})),
            1e-6);
}

TEST(ClassDistributions, CaseE) {
  const auto table = class_distributions(case_e(), 0.7);
  EXPECT_LT(worst(table, torch::tensor({{0.85f, 0.075f, 0.075f}, {0.15f, 0.7f, 0.15f}, {0.075f, 0.125f, 0.8f}})), 1e-6);
  EXPECT_LT(worst(class_distributions(case_e(), 0.7, true)[1], torch::tensor({0.2f, 0.7f, 0.2f})), 1e-6);
  EXPECT_LT(worst(class_distributions(case_e(), 0.5)[1], torch::tensor({0.35f, 0.5f, 0.15f})),
            1e-6);  // a share equal to the threshold is enough
}

TEST(ClassDistributions, AClassWithoutSamplesGetsTheThresholdRow) {
  ClassSums sums(3);
  sums.add(torch::tensor({{0.8f, 0.1f, 0.1f}}), torch::tensor({0}, at::kLong));
  const auto table = class_distributions(sums, 0.7);
  EXPECT_LT(worst(table[2], torch::tensor({0.15f, 0.15f, 0.7f})), 1e-6);
  EXPECT_LT(worst(class_distributions(ClassSums(3), 0.0)[1], torch::tensor({0.5f, 0.0f, 0.5f})),
            1e-6);  // for every t
}

TEST(ClassDistributions, SharpeningFlattensAndKeepsRowsDistributions) {
  const auto table = class_distributions(case_e(), 0.7), flat = sharpened(table);
  EXPECT_LT(worst(flat.sum(1), at::ones({3})), 1e-6);
  EXPECT_LT(flat[0][0].item<float>(), 0.85f);
  const auto p = table.pow(1 / 1.2);
  EXPECT_NEAR(sharpened(table, true)[0][2].item<float>(), (p[0][2] / p[2].sum()).item<float>(), 1e-6);
}

}  // namespace
}  // namespace mien::methods::ada_df
