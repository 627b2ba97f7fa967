// SPDX-License-Identifier: Apache-2.0
#include "mien/score/evaluate.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "mien/base/error.h"
#include "support/temp_dir.h"

namespace mien::score {
namespace {

/// 20 pictures of one pixel whose value is their label; labels alternate between three classes.
pack::Pack labelled_pixels(const testing::TempDir& dir) {
  pack::PackInfo info;
  info.width = info.height = 1;
  info.classes = {"neutral", "happiness", "anger"};
  pack::PackWriter writer(dir / "a.pack", info);
  for (int i = 0; i < 20; ++i) {
    pack::Sample s;
    s.split = pack::Split::test;
    s.label = i % 3;
    s.distribution[static_cast<std::size_t>(i % 3)] = 1;
    writer.add(s, std::vector<std::uint8_t>{static_cast<std::uint8_t>(i % 3)});
  }
  writer.commit();
  return pack::Pack(dir / "a.pack");
}

/// Predicts label `answer[value]` with certainty, columns in the predictor's own order.
Predictor answering(const pack::Pack& pack, std::vector<std::size_t> answer) {
  return [&pack, answer](std::span<const std::uint32_t> indices) {
    std::vector<float> logits;
    for (auto i : indices)
      for (std::size_t column = 0; column < 3; ++column)
        logits.push_back(answer[pack.pixels(i)[0]] == column ? 20.0f : 0.0f);
    return logits;
  };
}

TEST(Evaluate, MatchesClassesByName) {
  const testing::TempDir dir;
  const auto pack = labelled_pixels(dir);
  // The predictor orders anger first: pixel 0 (neutral) is its column 1, 1 (happiness) its 2, 2 (anger) its 0.
  const auto e = evaluate(answering(pack, {1, 2, 0}), {"anger", "neutral", "happiness"}, pack, pack::Split::test,
                          {.batch_size = 7});
  EXPECT_EQ(e.samples, 20u);
  EXPECT_EQ(e.accuracy, 1);
  EXPECT_EQ(e.confusion.at(0, 0), 7);
  EXPECT_TRUE(e.hints.empty());
  EXPECT_NEAR(e.ece, 0, 1e-6);
}

TEST(Evaluate, AClassWithoutSamplesIsLeftOutOfTheMeans) {
  const testing::TempDir dir;
  pack::PackInfo info;
  info.width = info.height = 1;
  info.classes = {"neutral", "happiness", "anger"};
  pack::PackWriter writer(dir / "b.pack", info);
  for (std::uint8_t label : {0, 0, 1, 1}) {
    pack::Sample s;
    s.label = label;
    s.distribution[label] = 1;
    writer.add(s, std::vector<std::uint8_t>{label});
  }
  writer.commit();
  const pack::Pack pack(dir / "b.pack");
  const auto e = evaluate(answering(pack, {0, 0, 0}), info.classes, pack, pack::Split::train, {});
  EXPECT_EQ(e.accuracy, 0.5);
  EXPECT_EQ(e.mean_recall, 0.5);
  EXPECT_NEAR(e.macro_f1, (2.0 * 2 / 6 + 0) / 2, 1e-9);
}

TEST(Evaluate, RefusesLogitsThatAreNotFinite) {
  const testing::TempDir dir;
  const auto pack = labelled_pixels(dir);
  const Predictor broken = [](std::span<const std::uint32_t> indices) {
    return std::vector<float>(3 * indices.size(), std::nanf(""));
  };
  EXPECT_THROW(evaluate(broken, pack.info().classes, pack, pack::Split::test, {}), Error);
}

TEST(Evaluate, PointsAtExchangedClasses) {
  const testing::TempDir dir;
  const auto pack = labelled_pixels(dir);
  const auto e = evaluate(answering(pack, {0, 2, 1}), {"neutral", "happiness", "anger"}, pack, pack::Split::test, {});
  EXPECT_NEAR(e.accuracy, 7.0 / 20, 1e-9);
  ASSERT_EQ(e.hints.size(), 1u);
  EXPECT_NE(e.hints[0].find("happiness and anger"), std::string::npos);
  EXPECT_EQ(to_json(e).at("confusion")[1][2], 7);
}

TEST(Evaluate, ANetworkAtChanceIsNotCalledExchanged) {
  const testing::TempDir dir;
  const auto pack = labelled_pixels(dir);
  // Answers: always happiness, and random. In both, exchanging two classes would raise the accuracy of one class alone.
  EXPECT_TRUE(evaluate(answering(pack, {1, 1, 1}), pack.info().classes, pack, pack::Split::test, {}).hints.empty());
  const Predictor random = [](std::span<const std::uint32_t> indices) {
    std::vector<float> logits;
    for (const auto i : indices)
      for (std::uint32_t column = 0; column < 3; ++column)
        logits.push_back((i * 7 + 3) % 5 % 3 == column ? 9.0f : 0.0f);
    return logits;
  };
  EXPECT_TRUE(evaluate(random, pack.info().classes, pack, pack::Split::test, {}).hints.empty());
}

TEST(Evaluate, AnswersThatThePackNeverGivesAreWrong) {
  const testing::TempDir dir;
  const auto pack = labelled_pixels(dir);
  const Predictor four = [&](std::span<const std::uint32_t> indices) {
    std::vector<float> logits;
    for (const auto i : indices)  // neutral and happiness are right, anger is predicted as fear
      for (std::size_t column = 0; column < 4; ++column)
        logits.push_back((std::array<std::size_t, 3>{1, 0, 2}[pack.pixels(i)[0]]) == column ? 20.0f : 0.0f);
    return logits;
  };
  const auto e = evaluate(four, {"happiness", "neutral", "fear", "anger"}, pack, pack::Split::test, {});
  EXPECT_EQ(e.classes, (std::vector<std::string>{"neutral", "happiness", "anger", "fear"}));
  EXPECT_EQ(e.confusion.at(0, 0), 7);
  EXPECT_EQ(e.confusion.at(2, 3), 6);
  EXPECT_NEAR(e.accuracy, 14.0 / 20, 1e-9);
  EXPECT_NEAR(e.mean_recall, 2.0 / 3, 1e-9);
  EXPECT_TRUE(std::isfinite(e.kl_votes));
}

TEST(Evaluate, RefusesForeignClassesAndEmptySplits) {
  const testing::TempDir dir;
  const auto pack = labelled_pixels(dir);
  try {
    evaluate(answering(pack, {0, 1, 2}), {"neutral", "happiness", "fear"}, pack, pack::Split::test, {});
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(error.message().find("6 pictures have the class anger, which the model does not know"),
              std::string::npos);
  }
  EXPECT_THROW(evaluate(answering(pack, {0, 1, 2}), {"surprise", "fear", "disgust"}, pack, pack::Split::test, {}),
               Error);
  EXPECT_THROW(evaluate(answering(pack, {0, 1, 2}), pack.info().classes, pack, pack::Split::train, {}), Error);
}

}  // namespace
}  // namespace mien::score
