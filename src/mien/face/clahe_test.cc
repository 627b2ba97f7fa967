// SPDX-License-Identifier: Apache-2.0
#include "mien/face/clahe.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/face/resample.h"

namespace mien::face {
namespace {

TEST(Clahe, AConstantPictureStaysConstant) {
  std::vector<std::uint8_t> grey(40 * 30, 100);
  equalise(grey, 40, 30, {});
  EXPECT_EQ(std::count(grey.begin(), grey.end(), grey.front()), 40 * 30);
}

TEST(Clahe, OneTileIsWorkedByHand) {
  // Two values, half of 16 pixels each, one tile. Limit 2·16/256 = 0, raised to 1: both bins are cut to 1, the 14
  // pixels cut go to bins 0, 18, 36, ..., 234. Up to value 0: 2 of 16 → 2·255/16 = 31.875; up to 255: all → 255.
  std::vector<std::uint8_t> grey(16, 0);
  std::fill(grey.begin() + 8, grey.end(), std::uint8_t{255});
  equalise(grey, 4, 4, {2, 1});
  EXPECT_EQ(grey.front(), 32);
  EXPECT_EQ(grey.back(), 255);
}

TEST(Clahe, RefusesSizesThatDoNotFit) {
  std::vector<std::uint8_t> grey(8 * 8);
  EXPECT_THROW(equalise(grey, 8, 8, {}), Error);  // a tile would be mirrored more than once
  EXPECT_THROW(equalise(grey, 4, 8, {2, 2}), Error);
  EXPECT_THROW(equalise(grey, 8, 8, {0, 2}), Error);
}

TEST(Clahe, ReadsBackAndRefusesAnotherStep) {
  EXPECT_EQ(clahe_rule_from_json(to_json(ClaheRule{3, 4}), "test"), (ClaheRule{3, 4}));
  Json json = to_json(ClaheRule{});
  json["name"] = "gamma";
  EXPECT_THROW(clahe_rule_from_json(json, "test"), Error);
}

TEST(EqualisedInput, ResizesThenEqualises) {
  InputSpec spec;
  spec.width = spec.height = 16;
  spec.contrast.emplace();
  spec.contrast->tiles = 1;
  spec.contrast->clip_limit = 256;  // as large as the tile: nothing is cut
  std::vector<std::uint8_t> halves(8 * 8, 10);
  for (std::size_t i = 0; i < halves.size(); ++i)
    if (i % 8 >= 4) halves[i] = 50;
  const auto out = equalised_input(halves, 8, 8, spec);
  ASSERT_EQ(out.size(), 256u);
  // Columns 0..6 hold 10, columns 7 and 8 the quarters between (20, 40), columns 9..15 hold 50: 7/16, 8/16, 9/16, all.
  EXPECT_EQ(out[0], 112);  // 255 · 7/16 = 111.6
  EXPECT_EQ(out[7], 128);  // 127.5, half to even
  EXPECT_EQ(out[8], 143);
  EXPECT_EQ(out[9], 255);
}

}  // namespace
}  // namespace mien::face
