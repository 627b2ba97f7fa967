// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/subset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "mien/base/error.h"
#include "support/temp_dir.h"

namespace mien::pack {
namespace {

std::vector<int> count(const std::vector<int>& labels, const std::vector<std::size_t>& at, std::size_t num_classes) {
  std::vector<int> out(num_classes);
  for (const auto i : at) ++out[static_cast<std::size_t>(labels[i])];
  return out;
}

TEST(Subset, EachClassKeepsItsShareAndTheLargestRemaindersFillUp) {
  std::vector<int> labels;  // 60, 30, 7, 3 of a hundred
  for (int i = 0; i < 100; ++i) labels.push_back(i < 60 ? 0 : i < 90 ? 1 : i < 97 ? 2 : 3);
  EXPECT_EQ(count(labels, draw_by_class(labels, {50, 1}), 4),
            (std::vector<int>{30, 15, 4, 1}));  // 30, 15, 3.5, 1.5: the lower class first
  EXPECT_EQ(count(labels, draw_by_class(labels, {10, 1}), 4), (std::vector<int>{6, 3, 1, 0}));  // 6, 3, 0.7, 0.3
  EXPECT_EQ(draw_by_class(labels, {100, 1}).size(), 100u);
}

TEST(Subset, TheSeedDecidesWithinAClassAndTheOrderStays) {
  const std::vector<int> labels(40, 0);
  const auto drawn = draw_by_class(labels, {10, 1});
  EXPECT_EQ(drawn, draw_by_class(labels, {10, 1}));
  EXPECT_NE(drawn, draw_by_class(labels, {10, 2}));
  EXPECT_TRUE(std::is_sorted(drawn.begin(), drawn.end()));
  EXPECT_EQ(std::set<std::size_t>(drawn.begin(), drawn.end()).size(), 10u);
}

TEST(Subset, NoneAndMoreThanAllAreRefused) {
  const std::vector<int> labels(4, 0);
  EXPECT_THROW(draw_by_class(labels, {0, 1}), Error);
  EXPECT_THROW(draw_by_class(labels, {5, 1}), Error);
}

TEST(Subset, PacksShareTheTrainingPartAndKeepTheOtherPartsWhole) {
  const testing::TempDir dir;
  PackInfo info;
  info.width = info.height = 1;
  info.classes = face::class_set(8);
  PackWriter writer(dir / "all.pack", info);
  for (int i = 0; i < 60; ++i) {
    Sample s;
    s.split = i < 40 ? Split::train : i < 50 ? Split::valid : Split::test;
    s.label = i == 7 ? -1 : i % 8;
    if (s.label >= 0) s.distribution[static_cast<std::size_t>(s.label)] = 1;
    s.source = "p" + std::to_string(i);
    s.yaw = Angle{static_cast<float>(i), Origin::estimate};
    s.boxes = std::vector<face::LabelledBox>{{{0, 0, 1, 1}, i % 8}};
    writer.add(s, std::vector<std::uint8_t>{static_cast<std::uint8_t>(i)});
  }
  writer.commit();
  const Pack all(dir / "all.pack");
  const auto report = write_subset(all, dir / "part.pack", dir / "rest.pack", {15, 3}, "command");
  const Pack part(dir / "part.pack"), rest(dir / "rest.pack");
  EXPECT_EQ(report.hash, part.hash());
  EXPECT_EQ(report.rest_hash, rest.hash());
  EXPECT_EQ(part.indices(Split::train).size(), 15u);
  EXPECT_EQ(rest.indices(Split::train).size(), 25u);
  std::multiset<int> train, others;
  for (const Pack* pack : {&part, &rest})
    for (std::size_t i = 0; i < pack->size(); ++i) {
      const int pixel = pack->pixels(i)[0];
      const Sample& s = pack->sample(i);
      (s.split == Split::train ? train : others).insert(pixel);
      EXPECT_EQ(s.source, "p" + std::to_string(pixel));  // label and picture stay together
      EXPECT_EQ(s.label, pixel == 7 ? -1 : pixel % 8);
      EXPECT_EQ(s.yaw, (Angle{static_cast<float>(pixel), Origin::estimate}));
      EXPECT_EQ(s.boxes->front().label, pixel % 8);
    }
  EXPECT_EQ(train.size(), 40u);
  EXPECT_EQ(std::set<int>(train.begin(), train.end()).size(), 40u);  // each once
  EXPECT_EQ(others.size(), 40u);
  EXPECT_EQ(std::set<int>(others.begin(), others.end()).size(), 20u);  // each in both
  EXPECT_EQ(part.info().provenance.at("subset").at("source_hash"), all.hash());
  EXPECT_EQ(rest.info().provenance.at("subset").at("part"), "rest");

  write_subset(all, dir / "again.pack", {}, {15, 3}, "command");
  EXPECT_EQ(read_file(dir / "again.pack"), read_file(dir / "part.pack"));
}

}  // namespace
}  // namespace mien::pack
