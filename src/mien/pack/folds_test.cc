// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/folds.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "mien/base/error.h"
#include "support/temp_dir.h"

namespace mien::pack {
namespace {

/// Twelve persons with one clip of three pictures for each of two classes.
std::vector<Sample> persons() {
  std::vector<Sample> out;
  for (int person = 0; person < 12; ++person)
    for (int label = 0; label < 2; ++label)
      for (int frame = 0; frame < 3; ++frame) {
        Sample s;
        s.label = label;
        s.distribution[static_cast<std::size_t>(label)] = 1;
        s.subject = "S" + std::to_string(person);
        s.sequence = "clip" + std::to_string(label);
        s.source = s.subject + "/" + s.sequence + "/" + std::to_string(frame) + ".png";
        out.push_back(s);
      }
  return out;
}

/// The folds that each name appears in.
template <typename Name>
std::map<std::string, std::set<int>> folds_by(const std::vector<Sample>& samples, const std::vector<int>& folds,
                                              const Name& name) {
  std::map<std::string, std::set<int>> out;
  for (std::size_t i = 0; i < samples.size(); ++i) out[name(samples[i])].insert(folds[i]);
  return out;
}

TEST(Folds, PersonsStayWholeAndClassesAreSpread) {
  const auto samples = persons();
  const auto folds = folds_of(samples, {4, FoldUnit::subject, 1}, "p.pack");
  for (const auto& [name, in] : folds_by(samples, folds, [](const Sample& s) { return s.subject; }))
    EXPECT_EQ(in.size(), 1u) << name;
  std::map<std::pair<int, int>, int> counts;
  for (std::size_t i = 0; i < samples.size(); ++i) ++counts[{folds[i], samples[i].label}];
  ASSERT_EQ(counts.size(), 8u);
  for (const auto& [key, count] : counts) EXPECT_EQ(count, 9);  // three persons with three pictures of each class
}

TEST(Folds, SequencesStayWholeWherePersonsNeedNot) {
  const auto samples = persons();
  const auto folds = folds_of(samples, {8, FoldUnit::sequence, 1}, "p.pack");
  for (const auto& [name, in] : folds_by(samples, folds, [](const Sample& s) { return s.subject + "/" + s.sequence; }))
    EXPECT_EQ(in.size(), 1u) << name;
  bool divides_a_person = false;
  for (const auto& [name, in] : folds_by(samples, folds, [](const Sample& s) { return s.subject; }))
    divides_a_person = divides_a_person || in.size() > 1;
  EXPECT_TRUE(divides_a_person);
}

TEST(Folds, TheSeedDecides) {
  const auto samples = persons();
  const auto once = folds_of(samples, {10, FoldUnit::image, 3}, "p.pack");
  EXPECT_EQ(once, folds_of(samples, {10, FoldUnit::image, 3}, "p.pack"));
  EXPECT_NE(once, folds_of(samples, {10, FoldUnit::image, 4}, "p.pack"));
}

TEST(Folds, WhatCannotBeDividedIsRefused) {
  auto samples = persons();
  EXPECT_THROW(folds_of(samples, {2, FoldUnit::image, 0}, "p.pack"), Error);
  EXPECT_THROW(folds_of(samples, {13, FoldUnit::subject, 0}, "p.pack"), Error);
  samples[5].subject.clear();
  try {
    folds_of(samples, {4, FoldUnit::subject, 0}, "p.pack");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_NE(error.remedy().find("--unit"), std::string::npos);
  }
}

TEST(Folds, EveryPictureIsTestedOnce) {
  const testing::TempDir dir;
  PackInfo info;
  info.width = info.height = 1;
  info.classes = {"neutral", "happiness"};
  PackWriter writer(dir / "a.pack", info);
  for (const auto& sample : persons()) writer.add(sample, std::vector<std::uint8_t>{0});
  writer.commit();
  const Pack source(dir / "a.pack");
  std::map<std::string, int> tested;
  for (int fold = 0; fold < 3; ++fold) {
    const auto report = write_fold(source, dir / "f.pack", fold, {3, FoldUnit::subject, 0}, "command");
    EXPECT_EQ(report.units, 12u);
    EXPECT_EQ(report.samples, (std::array<std::size_t, 3>{24, 24, 24}));
    const Pack made(dir / "f.pack");
    for (const auto i : made.indices(Split::test)) ++tested[made.sample(i).source];
  }
  EXPECT_EQ(tested.size(), source.size());
  for (const auto& [name, times] : tested) EXPECT_EQ(times, 1) << name;
  EXPECT_THROW(write_fold(source, dir / "f.pack", 3, {3, FoldUnit::subject, 0}, ""), Error);
}

}  // namespace
}  // namespace mien::pack
