// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/subset.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "mien/base/error.h"
#include "mien/pack/records.h"
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
  std::vector<Sample> samples;
  for (int i = 0; i < 60; ++i) {
    Sample s;
    s.split = i < 40 ? Split::train : i < 50 ? Split::valid : Split::test;
    s.label = i == 7 ? -1 : i % 8;
    if (s.label >= 0) s.distribution[static_cast<std::size_t>(s.label)] = 1;
    s.source = "p" + std::to_string(i);
    s.yaw = Angle{static_cast<float>(i), Origin::estimate};
    s.pitch = Angle{-1, Origin::data_set};
    s.boxes = std::vector<face::LabelledBox>{{{0, 0, 1, 1}, i % 8}};
    if (i % 2 == 0) s.landmarks.assign(face::kNumPoints68, {0.5f, static_cast<float>(i)});
    s.landmark_origin = i % 2 == 0 ? Origin::estimate : Origin::data_set;
    s.subject = "person";
    s.sequence = "clip";
    s.original = PictureSize{8, 9};
    s.has_votes = true;
    s.votes[3] = 7;
    samples.push_back(s);
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
      // Picture and fields stay together, and each field is carried.
      EXPECT_EQ(encode(s, 2), encode(samples.at(static_cast<std::size_t>(pixel)), 2));
    }
  EXPECT_EQ(train.size(), 40u);
  EXPECT_EQ(std::set<int>(train.begin(), train.end()).size(), 40u);  // each once
  EXPECT_EQ(others.size(), 40u);
  EXPECT_EQ(std::set<int>(others.begin(), others.end()).size(), 20u);  // each in both
  EXPECT_EQ(part.info().provenance.at("subset").at("source_hash"), all.hash());
  EXPECT_EQ(rest.info().provenance.at("subset").at("part"), "rest");

  // Picture 7 has no label and counts by its box.
  EXPECT_EQ(to_json(report).at("drawn").at("samples"), 15);
  EXPECT_EQ(to_json(report).at("rest").at("samples"), 25);

  write_subset(all, dir / "again.pack", {}, {15, 3}, "command");
  EXPECT_EQ(read_file(dir / "again.pack"), read_file(dir / "part.pack"));
}

TEST(Subset, PicturesWithoutALabelAreDrawnByTheirFirstBox) {
  const testing::TempDir dir;
  PackInfo info;
  info.width = info.height = 1;
  info.classes = face::class_set(8);
  PackWriter writer(dir / "scenes.pack", info);
  for (int i = 0; i < 20; ++i) {  // 10 of class 2, 6 of class 5, 4 without a face
    Sample s;
    s.boxes.emplace();
    if (i < 16) s.boxes->push_back({{0, 0, 1, 1}, i < 10 ? 2 : 5});
    if (i < 16) s.boxes->push_back({{0, 0, 1, 1}, 7});
    writer.add(s, std::vector<std::uint8_t>{0});
  }
  writer.commit();
  const auto report = write_subset(Pack(dir / "scenes.pack"), dir / "half.pack", {}, {10, 1}, "command");
  EXPECT_EQ(report.drawn, (std::vector<std::int64_t>{0, 0, 5, 0, 0, 3, 0, 0}));
  EXPECT_EQ(report.drawn_without_class, 2);
  const Json json = to_json(report).at("drawn");
  EXPECT_EQ(json.at("samples"), 10);
  EXPECT_EQ(json.at("without_class"), 2);
}

}  // namespace
}  // namespace mien::pack
