// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/dnfer/selection_watch.h"

#include <gtest/gtest.h>

namespace mien::methods::dnfer {
namespace {

const std::vector<std::string> kClasses{"a", "b"};

/// Labels 0 0 1 1, of which the second and the fourth are wrong; the fourth is selected.
TEST(SelectionWatch, CountsAgainstTheTrueLabels) {
  SelectionWatch watch(2, false);
  EXPECT_TRUE(watch.record(kClasses).empty());
  const at::Tensor p = torch::tensor({{.9f, .1f}, {.2f, .8f}, {.3f, .7f}, {.4f, .6f}}),
                   labels = torch::tensor({0, 0, 1, 1}, at::kLong);
  watch.add_probabilities(0, p);
  watch.add(0, {p, batch_thresholds(p), torch::tensor({true, false, true, true})}, labels,
            torch::tensor({0, 1, 1, 0}, at::kLong));
  const Json r = watch.record(kClasses);
  EXPECT_NEAR(r.at("clean_share").at("weak").get<double>(), 0.75, 1e-9);
  EXPECT_NEAR(r.at("thresholds_weak").at("a").get<double>(), 0.45, 1e-6);
  EXPECT_NEAR(r.at("right_share").get<double>(), 0.5, 1e-9);
  EXPECT_NEAR(r.at("clean_precision").at("weak").get<double>(), 2.0 / 3, 1e-9);
  EXPECT_NEAR(r.at("clean_recall").at("weak").get<double>(), 1, 1e-9);
  EXPECT_FALSE(r.contains("thresholds_strong"));
  watch.clear();
  EXPECT_TRUE(watch.record(kClasses).empty());
}

TEST(SelectionWatch, RunningThresholdsWeighEveryRowAlike) {
  SelectionWatch watch(2, true);
  watch.add_probabilities(1, torch::tensor({{1.f, 0.f}}));
  watch.add_probabilities(1, torch::tensor({{0.f, 1.f}, {0.f, 1.f}, {0.f, 1.f}}));
  EXPECT_TRUE(watch.running_thresholds(1).allclose(torch::tensor({.25f, .75f})));
}

TEST(SelectionWatch, WithoutNoiseWhatIsSelectedIsClean) {
  SelectionWatch watch(2, false);
  const at::Tensor p = torch::tensor({{.9f, .1f}}), labels = torch::tensor({0}, at::kLong);
  watch.add_probabilities(0, p);
  watch.add(0, {p, batch_thresholds(p), torch::tensor({true})}, labels, labels);
  const Json r = watch.record(kClasses);
  EXPECT_EQ(r.at("clean_precision").at("weak").get<double>(), 1);
  EXPECT_EQ(r.at("right_share").get<double>(), 1);
}

}  // namespace
}  // namespace mien::methods::dnfer
