// SPDX-License-Identifier: Apache-2.0
#include "mien/score/distil.h"

#include <gtest/gtest.h>

#include <cmath>

#include "mien/base/error.h"
#include "support/temp_dir.h"

namespace mien::score {
namespace {

constexpr float kLog3 = 1.0986123F, kLog6 = 1.7917595F;

/// Two training pictures, neutral and happiness, and a neutral validation picture; each one pixel with its index.
pack::Pack three_pictures(const testing::TempDir& dir) {
  pack::PackInfo info;
  info.width = info.height = 1;
  info.classes = {"neutral", "happiness"};
  pack::PackWriter writer(dir / "plain.pack", info);
  for (int i = 0; i < 3; ++i) {
    pack::Sample s;
    s.split = i == 2 ? pack::Split::valid : pack::Split::train;
    s.label = i % 2;
    s.distribution[static_cast<std::size_t>(s.label)] = 1;
    s.votes[0] = 7;
    s.has_votes = true;
    writer.add(s, std::vector<std::uint8_t>{static_cast<std::uint8_t>(i)});
  }
  writer.commit();
  return pack::Pack(dir / "plain.pack");
}

/// Returns a row of logits for each training picture.
Teacher teacher(std::vector<std::string> classes, std::vector<std::vector<float>> rows, double temperature = 1) {
  const auto predict = [rows](std::span<const std::uint32_t> indices) {
    std::vector<float> out;
    for (const auto i : indices) out.insert(out.end(), rows.at(i).begin(), rows.at(i).end());
    return out;
  };
  return {"teacher.onnx", "00", predict, std::move(classes), temperature};
}

const std::vector<std::string> kTwo = {"neutral", "happiness"};

TEST(Distil, TheMeanOfTheTeachersIsBlendedWithTheOldDistribution) {
  const testing::TempDir dir;
  const auto source = three_pictures(dir);
  // (1/4, 3/4) for both pictures; (3/4, 1/4) and (1/4, 3/4): means (1/2, 1/2) and (1/4, 3/4).
  const std::vector<Teacher> teachers = {teacher(kTwo, {{0, kLog3}, {0, kLog3}}),
                                         teacher(kTwo, {{kLog3, 0}, {0, kLog3}})};
  const auto report = write_distilled(source, dir / "out.pack", teachers, {.share = 0.5}, CancelToken{});
  const pack::Pack out(dir / "out.pack");
  EXPECT_NEAR(out.sample(0).distribution[0], 0.75, 1e-6);
  EXPECT_NEAR(out.sample(0).distribution[1], 0.25, 1e-6);
  EXPECT_NEAR(out.sample(1).distribution[0], 0.125, 1e-6);
  EXPECT_NEAR(out.sample(1).distribution[1], 0.875, 1e-6);
  EXPECT_EQ(report.samples, 2u);
  EXPECT_EQ(report.agree, 2u);
  EXPECT_EQ(report.hash, out.hash());
  EXPECT_EQ(out.info().provenance["distilled"]["teachers"].size(), 2u);
  EXPECT_EQ(out.info().provenance["distilled"]["source_hash"], source.hash());
}

TEST(Distil, LabelsVotesPixelsAndOtherPartsStay) {
  const testing::TempDir dir;
  const auto source = three_pictures(dir);
  const std::vector<Teacher> teachers = {teacher(kTwo, {{0, kLog3}, {kLog3, 0}})};
  const auto report = write_distilled(source, dir / "out.pack", teachers, {}, CancelToken{});
  EXPECT_EQ(report.agree, 0u);
  const pack::Pack out(dir / "out.pack");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(out.sample(i).label, source.sample(i).label);
    EXPECT_EQ(out.sample(i).votes, source.sample(i).votes);
    EXPECT_EQ(out.pixels(i)[0], i);
  }
  EXPECT_EQ(out.sample(2).distribution, source.sample(2).distribution);
}

TEST(Distil, TheTemperatureMultipliesThatOfTheCalibration) {
  const testing::TempDir dir;
  const auto source = three_pictures(dir);
  const std::vector<Teacher> teachers = {teacher(kTwo, {{0, 6 * kLog3}, {0, 6 * kLog3}}, 2)};
  const auto p = taught(source, teachers, {.temperature = 3}, CancelToken{});
  EXPECT_NEAR(p[0], 0.25, 1e-6);
  EXPECT_NEAR(p[1], 0.75, 1e-6);
}

TEST(Distil, AClassThatThePackLacksIsLeftOut) {
  const testing::TempDir dir;
  const auto source = three_pictures(dir);
  // happiness 0.3, neutral 0.1, anger 0.6.
  const std::vector<float> row = {kLog3, 0, kLog6};
  const auto p = taught(source, {teacher({"happiness", "neutral", "anger"}, {row, row})}, {}, CancelToken{});
  EXPECT_NEAR(p[0], 0.25, 1e-6);
  EXPECT_NEAR(p[1], 0.75, 1e-6);
}

TEST(Distil, ATeacherThatKnowsOnlyAnotherClassIsRefused) {
  const testing::TempDir dir;
  const auto source = three_pictures(dir);
  const std::vector<float> row = {0, 0, 1000};
  EXPECT_THROW(taught(source, {teacher({"happiness", "neutral", "anger"}, {row, row})}, {}, CancelToken{}), Error);
}

TEST(Distil, APackWithoutATrainingPartIsRefused) {
  const testing::TempDir dir;
  pack::PackInfo info;
  info.width = info.height = 1;
  info.classes = kTwo;
  pack::PackWriter writer(dir / "test.pack", info);
  writer.add({.split = pack::Split::test, .label = 0, .distribution = {1}}, std::vector<std::uint8_t>{0});
  writer.commit();
  const std::vector<Teacher> teachers = {teacher(kTwo, {{0, 1}})};
  EXPECT_THROW(write_distilled(pack::Pack(dir / "test.pack"), dir / "out.pack", teachers, {}, CancelToken{}), Error);
  EXPECT_FALSE(std::filesystem::exists(dir / "out.pack"));
}

TEST(Distil, OptionsOutOfRangeWriteNothing) {
  const testing::TempDir dir;
  const auto source = three_pictures(dir);
  const std::vector<Teacher> teachers = {teacher(kTwo, {{0, 1}, {0, 1}})};
  EXPECT_THROW(write_distilled(source, dir / "out.pack", teachers, {.share = 1.5}, CancelToken{}), Error);
  EXPECT_THROW(write_distilled(source, dir / "out.pack", teachers, {.share = std::nan("")}, CancelToken{}), Error);
  EXPECT_THROW(write_distilled(source, dir / "out.pack", teachers, {.temperature = 0.5}, CancelToken{}), Error);
  EXPECT_FALSE(std::filesystem::exists(dir / "out.pack"));
}

}  // namespace
}  // namespace mien::score
