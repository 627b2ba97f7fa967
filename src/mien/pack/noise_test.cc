// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/noise.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "support/temp_dir.h"

namespace mien::pack {
namespace {

/// Samples of the classes in turn, `of_each` each; votes split 3 : 1 between the class and the next.
std::vector<Sample> samples_of(std::size_t num_classes, int of_each) {
  std::vector<Sample> out;
  for (int i = 0; i < of_each; ++i)
    for (std::size_t c = 0; c < num_classes; ++c) {
      Sample s;
      s.label = static_cast<int>(c);
      s.distribution[c] = 0.75f;
      s.distribution[(c + 1) % num_classes] = 0.25f;
      s.has_votes = true;
      s.votes[c] = 8;
      s.source = "p" + std::to_string(out.size());
      out.push_back(s);
    }
  return out;
}

std::vector<int> noisy(const std::vector<Sample>& samples, const NoiseOptions& options, std::size_t num_classes = 8) {
  std::vector<const Sample*> pointers;
  for (const auto& s : samples) pointers.push_back(&s);
  return noisy_labels(pointers, face::class_set(num_classes), options);
}

double changed(const std::vector<Sample>& samples, const std::vector<int>& labels) {
  double n = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) n += samples[i].label != labels[i];
  return n / static_cast<double>(samples.size());
}

TEST(Noise, SymmetricExactChangesTheShareOfEachClassToAllOthers) {
  const auto samples = samples_of(8, 105);
  const auto labels = noisy(samples, {NoiseKind::symmetric_exact, 0.2, 3});
  std::vector<std::vector<int>> table(8, std::vector<int>(8));
  for (std::size_t i = 0; i < labels.size(); ++i)
    ++table[static_cast<std::size_t>(samples[i].label)][static_cast<std::size_t>(labels[i])];
  for (std::size_t c = 0; c < 8; ++c) {
    EXPECT_EQ(table[c][c], 105 - 21);
    int others = 0;
    for (std::size_t d = 0; d < 8; ++d) others += d != c && table[c][d] > 0;
    EXPECT_GE(others, 5);
  }
}

TEST(Noise, OtherKindsKeepTheirRateAndTheirRule) {
  const auto samples = samples_of(8, 1000);
  EXPECT_NEAR(changed(samples, noisy(samples, {NoiseKind::symmetric, 0.3, 1})), 0.3, 0.02);
  const auto pair = noisy(samples, {NoiseKind::pairflip, 0.2, 1});
  const auto confused = noisy(samples, {NoiseKind::asymmetric, 1.0, 1});
  const auto voted = noisy(samples, {NoiseKind::from_votes, 0.2, 1});
  EXPECT_NEAR(changed(samples, pair), 0.2, 0.02);
  EXPECT_NEAR(changed(samples, voted), 0.25, 0.02);
  const auto name = [](int c) { return face::class_set(8)[static_cast<std::size_t>(c)]; };
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const int c = samples[i].label;
    EXPECT_TRUE(pair[i] == c || pair[i] == (c + 1) % 8);
    EXPECT_TRUE(voted[i] == c || voted[i] == (c + 1) % 8);
    if (name(c) == "fear") {
      EXPECT_EQ(name(confused[i]), "surprise");
    }
    if (name(c) == "contempt") {
      EXPECT_EQ(name(confused[i]), "neutral");
    }
  }
  EXPECT_EQ(changed(samples, noisy(samples, {NoiseKind::symmetric, 0, 1})), 0);
}

TEST(Noise, SeedDecidesAndMistakesAreRefused) {
  const auto samples = samples_of(8, 20);
  EXPECT_EQ(noisy(samples, {NoiseKind::symmetric, 0.5, 1}), noisy(samples, {NoiseKind::symmetric, 0.5, 1}));
  EXPECT_NE(noisy(samples, {NoiseKind::symmetric, 0.5, 1}), noisy(samples, {NoiseKind::symmetric, 0.5, 2}));
  EXPECT_THROW(noise_kind("symetric"), Error);
  EXPECT_EQ(noise_kind("from-votes"), NoiseKind::from_votes);
  EXPECT_THROW(noisy(samples, {NoiseKind::symmetric, 1.5, 1}), Error);
}

TEST(Noise, ThePackKeepsNothingOfTheOldTrainingLabelsAndAllOfTheRest) {
  const testing::TempDir dir;
  PackInfo info;
  info.width = info.height = 1;
  info.classes = face::class_set(8);
  PackWriter writer(dir / "clean.pack", info);
  auto samples = samples_of(8, 10);
  samples[1].source = "two\nlines.png";
  samples[2].source = " a, \"b\" ";
  samples[3].source = "lone\rreturn";
  for (std::size_t i = 0; i < samples.size(); ++i) {
    samples[i].split = i < 64 ? Split::train : i < 72 ? Split::valid : Split::test;
    writer.add(samples[i], std::vector<std::uint8_t>{static_cast<std::uint8_t>(i)});
  }
  writer.commit();
  const Pack clean(dir / "clean.pack");
  const auto report = write_noisy(clean, dir / "noisy.pack", {NoiseKind::symmetric_exact, 0.25, 5}, "command");
  EXPECT_EQ(report.samples, 64);
  EXPECT_EQ(report.changed, 16);
  const Pack pack(dir / "noisy.pack");
  for (std::size_t i = 0; i < pack.size(); ++i) {
    const Sample& s = pack.sample(i);
    EXPECT_EQ(pack.pixels(i)[0], i);
    if (s.split == Split::train) {
      EXPECT_EQ(s.distribution[static_cast<std::size_t>(s.label)], 1);
      EXPECT_FALSE(s.has_votes);
      EXPECT_EQ(s.votes, (std::array<std::uint8_t, 10>{}));
    } else {
      EXPECT_EQ(s.label, samples[i].label);
      EXPECT_EQ(s.distribution, samples[i].distribution);
      EXPECT_TRUE(s.has_votes);
    }
  }
  EXPECT_EQ(pack.info().provenance.at("noise").at("changed"), 16);
  EXPECT_EQ(pack.info().provenance.at("noise").at("flips"), Json(report.flips));
  // Same input, same bytes.
  write_noisy(clean, dir / "again.pack", {NoiseKind::symmetric_exact, 0.25, 5}, "command");
  EXPECT_EQ(read_file(dir / "again.pack"), read_file(dir / "noisy.pack"));

  const auto truth = read_truth(truth_path(dir / "noisy.pack"), pack);
  ASSERT_EQ(truth.size(), 64u);
  for (const auto& [index, label] : truth) EXPECT_EQ(label, samples[index].label);
  EXPECT_THROW(read_truth(truth_path(dir / "noisy.pack"), clean), Error);  // of another pack
  EXPECT_THROW(read_truth(dir / "none.csv", pack), Error);
  write_file(dir / "bad.csv", "index,source,clean,noisy\n99999,p1,fear,anger\n");
  EXPECT_THROW(read_truth(dir / "bad.csv", pack), Error);
}

/// A pack of scenes: 40 labelled pictures with two boxes each, the first of the picture's class; 40 without a label.
std::filesystem::path write_scenes(const testing::TempDir& dir) {
  PackInfo info;
  info.width = info.height = 4;
  info.classes = face::class_set(8);
  PackWriter writer(dir / "scenes.pack", info);
  for (int i = 0; i < 80; ++i) {
    Sample s;
    s.source = fmt::format("p{}", i);
    if (i < 40) {
      s.label = i % 8;
      s.distribution[static_cast<std::size_t>(s.label)] = 1;
    }
    s.boxes = std::vector<face::LabelledBox>{{{0, 0, 2, 2}, i % 8}, {{1, 1, 2, 3}, (i + 1) % 8}};
    s.yaw = Angle{static_cast<float>(i), Origin::estimate};
    s.landmarks.assign(face::kNumPoints68, {1, static_cast<float>(i)});
    s.landmark_origin = Origin::estimate;
    s.sequence = "clip";
    s.original = PictureSize{8, 9};
    writer.add(s, std::vector<std::uint8_t>(16));
  }
  writer.commit();
  return dir / "scenes.pack";
}

TEST(Noise, FlipsTheClassesOfBoxesAndCarriesEveryOtherField) {
  const testing::TempDir dir;
  const Pack clean(write_scenes(dir));
  const auto report = write_noisy(clean, dir / "noisy.pack", {NoiseKind::symmetric_exact, 0.4, 5}, "command");
  EXPECT_EQ(report.samples, 40);
  EXPECT_EQ(report.changed, 16);
  EXPECT_EQ(report.boxes, 160);
  EXPECT_EQ(report.boxes_changed, 16 + 48);  // those that follow their label; 0.4 of the 120 others, exactly by class
  const Pack pack(dir / "noisy.pack");
  for (std::size_t i = 0; i < pack.size(); ++i) {
    const Sample &before = clean.sample(i), &after = pack.sample(i);
    ASSERT_EQ(after.boxes->size(), 2u);
    EXPECT_EQ((*after.boxes)[1].box, (*before.boxes)[1].box);
    if (before.label >= 0) {
      EXPECT_EQ((*after.boxes)[0].label, after.label);
    } else {
      EXPECT_EQ(after.label, -1);
    }
    EXPECT_EQ(after.yaw, before.yaw);
    EXPECT_EQ(after.landmarks, before.landmarks);
    EXPECT_EQ(after.landmark_origin, Origin::estimate);
    EXPECT_EQ(after.sequence, "clip");
    EXPECT_EQ(after.original, before.original);
  }
  EXPECT_EQ(lines_of(read_file(box_truth_path(dir / "noisy.pack")))[1].substr(0, 12), "0,0,p0,neutr");
  EXPECT_EQ(to_json(report)["boxes"]["changed"], 64);
  EXPECT_THROW(write_noisy(clean, dir / "v.pack", {NoiseKind::from_votes, 0, 5}, "command"), Error);
}

}  // namespace
}  // namespace mien::pack
