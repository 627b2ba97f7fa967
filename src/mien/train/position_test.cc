// SPDX-License-Identifier: Apache-2.0
#include "mien/train/position.h"

#include <gtest/gtest.h>

#include "mien/base/error.h"

namespace mien::train {
namespace {

TEST(Position, ReadsBackEqual) {
  Position position;
  position.stage = 1;
  position.epoch = 3;
  position.step = 17;
  position.best = {"whole", {"loss", 0.25, -0.25}, 2};
  position.finished = {{"landmarks", {"map50", 0.5, 0.5}, 9}};
  const Position back = position_from_json(to_json(position), "test");
  EXPECT_EQ(to_json(back), to_json(position));
  EXPECT_EQ(back.best.judgement.score, -0.25);
  EXPECT_EQ(back.finished.at(0).stage, "landmarks");
}

TEST(Position, ReadsThatOfAnEarlierRelease) {
  const Position position =
      position_from_json({{"stage", 0}, {"epoch", 2}, {"step", 5}, {"best_score", 0.75}, {"best_epoch", 1}}, "test");
  EXPECT_EQ(position.epoch, 2);
  EXPECT_EQ(position.best.epoch, 1);
  EXPECT_EQ(position.best.judgement.score, 0.75);
  EXPECT_THROW(position_from_json({{"stage", 0}}, "test"), Error);
}

TEST(Judgement, SaysItsFigure) {
  EXPECT_EQ(describe(Judgement{"accuracy", 0.857, 0.857}), "accuracy 85.70 %");
  EXPECT_EQ(describe(Judgement{"loss", 0.4312, -0.4312}), "loss 0.4312");
  EXPECT_EQ(describe(Judgement{}), "not evaluated");
}

}  // namespace
}  // namespace mien::train
