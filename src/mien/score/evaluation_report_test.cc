// SPDX-License-Identifier: Apache-2.0
#include "mien/score/evaluation_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mien::score {
namespace {

using ::testing::HasSubstr;

Evaluation hand_evaluation() {
  Evaluation e;
  e.classes = {"neutral", "happiness", "anger"};
  e.confusion = score::Confusion(3);
  for (int i = 0; i < 3; ++i) e.confusion.add(0, 0);
  e.confusion.add(0, 1);
  e.confusion.add(1, 1);
  e.samples = 5;
  e.accuracy = 0.8;
  e.accuracy_interval = {0.6, 1.0};
  return e;
}

TEST(Report, TextHasCountsRowPercentAndEmptyRows) {
  const std::string text =
      report_text(hand_evaluation(), {.model = "m.onnx", .data = "a.pack", .split = "test", .label_rule = "majority"});
  EXPECT_THAT(text, HasSubstr("m.onnx on a.pack, test, 5 pictures, labels by rule majority"));
  EXPECT_THAT(text, HasSubstr("accuracy      80.00 %  (95 % interval 60.00 % to 100.00 %)"));
  EXPECT_THAT(text, HasSubstr("neutral              3          1          0\n"));
  EXPECT_THAT(text, HasSubstr("neutral           75.0       25.0        0.0\n"));
  EXPECT_THAT(text, HasSubstr("anger                –          –          –\n"));
}

TEST(Report, JsonKeepsTheContractsOrder) {
  const Json json =
      report_json(hand_evaluation(),
                  {.model = "m", .data = "d", .split = "test", .label_rule = "majority", .command = "c", .seed = 3});
  std::vector<std::string> keys;
  for (const auto& [key, value] : json.items()) keys.push_back(key);
  EXPECT_THAT(keys, ::testing::ElementsAre("model", "data", "split", "label_rule", "samples", "classes", "accuracy",
                                           "accuracy_interval", "mean_recall", "macro_f1", "ece", "nll", "kl_votes",
                                           "confusion", "command", "seed"));
  EXPECT_EQ(json.at("confusion")[0][1], 1);
}

}  // namespace
}  // namespace mien::score
