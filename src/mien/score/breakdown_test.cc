// SPDX-License-Identifier: Apache-2.0
#include "mien/score/breakdown.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/score/evaluate.h"
#include "support/temp_dir.h"

namespace mien::score {
namespace {

using ::testing::HasSubstr;

struct Picture {
  std::optional<float> yaw;
  std::string subject;
  std::string source = "a.png";
};

pack::Pack pack_of(const testing::TempDir& dir, const std::vector<Picture>& pictures) {
  pack::PackInfo info;
  info.width = info.height = 1;
  info.classes = {"neutral", "happiness"};
  pack::PackWriter writer(dir / "a.pack", info);
  for (const auto& picture : pictures) {
    pack::Sample s;
    s.label = 0;
    s.distribution = {0.75f, 0.25f};
    s.has_votes = true;
    s.subject = picture.subject;
    s.source = picture.source;
    if (picture.yaw) s.yaw = pack::Angle{*picture.yaw, pack::Origin::data_set};
    writer.add(s, std::vector<std::uint8_t>{0});
  }
  writer.commit();
  return pack::Pack(dir / "a.pack");
}

/// One outcome per picture; the listed ones are right.
std::vector<Outcome> outcomes_of(const pack::Pack& pack, const std::vector<std::uint32_t>& right) {
  std::vector<Outcome> out;
  for (std::uint32_t i = 0; i < pack.size(); ++i) {
    const bool is_right = std::find(right.begin(), right.end(), i) != right.end();
    out.push_back({i, 0, static_cast<std::uint8_t>(is_right ? 0 : 1), 1.0f});
  }
  return out;
}

TEST(Breakdown, ViewsAndAbsoluteYaw) {
  const testing::TempDir dir;
  const auto pack = pack_of(dir, {{-60, ""}, {0, ""}, {0, ""}, {60, ""}, {{}, ""}});
  const auto b = break_down(outcomes_of(pack, {0, 1}), pack, {Grouping::pose});
  ASSERT_EQ(b.size(), 2u);
  EXPECT_EQ(b[0].name, "yaw");
  ASSERT_EQ(b[0].groups.size(), 3u);
  EXPECT_EQ(b[0].groups[0].name, "-60");
  EXPECT_EQ(b[0].groups[0].accuracy().value, 1);
  EXPECT_EQ(b[0].groups[1].name, "0");
  EXPECT_EQ(b[0].groups[1].pictures, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(b[0].groups[1].accuracy().value, 0.5);
  EXPECT_EQ(b[0].unknown, 1);
  EXPECT_DOUBLE_EQ(b[0].mean_accuracy(), 0.5);  // of 1, 1/2 and 0
  EXPECT_EQ(b[1].name, "absolute_yaw");
  ASSERT_EQ(b[1].groups.size(), 2u);
  EXPECT_EQ(b[1].groups[1].name, "60");
  EXPECT_EQ(b[1].groups[1].accuracy().value, 0.5);
}

TEST(Breakdown, ManyAnglesFallIntoRanges) {
  const testing::TempDir dir;
  std::vector<Picture> pictures;
  for (int i = 0; i < 20; ++i) pictures.push_back({static_cast<float>(-57 + 6 * i), ""});  // -57, -51, …, 57
  const auto pack = pack_of(dir, pictures);
  const auto yaw = break_down(outcomes_of(pack, {}), pack, {Grouping::pose})[0];
  ASSERT_EQ(yaw.groups.size(), 5u);
  EXPECT_EQ(yaw.groups[0].name, "below -50");
  EXPECT_EQ(yaw.groups[0].size(), 2);
  EXPECT_EQ(yaw.groups[2].name, "-20 to 20");
  EXPECT_EQ(yaw.groups[2].size(), 6);  // -15, -9, …, 15
  EXPECT_EQ(yaw.groups[4].name, "50 and more");
}

TEST(Breakdown, NamesAndFolders) {
  const testing::TempDir dir;
  const auto pack = pack_of(dir, {{{}, "S2", "x/a.png"}, {{}, "S1", "y/a.png"}, {{}, "S2", "x/b.png"}});
  const auto b = break_down(outcomes_of(pack, {1}), pack, {Grouping::subject, Grouping::folder, Grouping::agreement});
  ASSERT_EQ(b.size(), 3u);
  EXPECT_EQ(b[0].groups[0].name, "S1");
  EXPECT_EQ(b[0].groups[1].size(), 2);
  EXPECT_EQ(b[1].groups[0].name, "x");
  EXPECT_EQ(b[2].groups[0].name, "0.75");
}

TEST(Breakdown, TextAndJson) {
  const testing::TempDir dir;
  const auto pack = pack_of(dir, {{30, ""}, {30, ""}, {{}, ""}});
  const auto b = break_down(outcomes_of(pack, {0}), pack, {Grouping::pose});
  EXPECT_THAT(to_text(b[0]), HasSubstr("yaw, degrees  pictures  accuracy"));
  EXPECT_THAT(to_text(b[0]), HasSubstr("30                   2   50.00 %"));
  EXPECT_THAT(to_text(b[0]), HasSubstr("without: 1 pictures"));
  const Json json = to_json(b);
  EXPECT_EQ(json.at("yaw").at("mean_accuracy"), 0.5);
  EXPECT_EQ(json.at("yaw").at("unknown"), 1);
  EXPECT_EQ(json.at("yaw").at("groups")[0].at("name"), "30");
  EXPECT_EQ(json.at("yaw").at("groups")[0].at("samples"), 2);
}

TEST(Breakdown, MissingFieldsAndUnknownWordsAreRefused) {
  const testing::TempDir dir;
  const auto pack = pack_of(dir, {{{}, ""}});
  try {
    break_down(outcomes_of(pack, {}), pack, {Grouping::pose});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_THAT(error.remedy(), HasSubstr("--pose"));
  }
  EXPECT_EQ(groupings_from("pose,subject"), (std::vector{Grouping::pose, Grouping::subject}));
  EXPECT_TRUE(groupings_from("").empty());
  EXPECT_THROW(groupings_from("pos"), Error);
}

}  // namespace
}  // namespace mien::score
