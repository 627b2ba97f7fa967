// SPDX-License-Identifier: Apache-2.0
// Scenes from a pack whose faces encode their number and class by their grey level.
#include "mien/dataset/scenes.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <map>
#include <numeric>
#include <set>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/scene_background.h"
#include "support/temp_dir.h"

namespace mien::dataset {
namespace {

using pack::Split;

constexpr int kFaces = 12;  // in each part

/// Faces of one grey each: class 0 black, class 1 white. Every sixth has no label.
void make_faces(const std::filesystem::path& path, bool with_test = true) {
  pack::PackInfo info;
  info.width = info.height = 16;
  info.classes = {"neutral", "happiness"};
  info.data_set = "made";
  pack::PackWriter writer(path, info);
  for (const Split split : {Split::train, Split::valid, Split::test}) {
    if (split == Split::test && !with_test) continue;
    for (int i = 0; i < kFaces; ++i) {
      pack::Sample sample;
      sample.split = split;
      sample.label = i % 6 == 5 ? -1 : i % 2;
      if (sample.label >= 0) sample.distribution[static_cast<std::size_t>(sample.label)] = 1;
      sample.source = fmt::format("{}-{}", to_string(split), i);
      writer.add(sample, std::vector<std::uint8_t>(16 * 16, i % 2 == 0 ? 0 : 255));
    }
  }
  writer.commit();
}

SceneOptions small_scenes() {
  SceneOptions options;
  options.size = 96;
  options.smallest_face = 16;
  options.largest_face = 48;
  options.pairs = 0.5;
  options.scenes = {{Split::train, 40}, {Split::valid, 6}, {Split::test, 5}};
  return options;
}

ScenesReport make(const testing::TempDir& dir, const char* name, const SceneOptions& options) {
  const CancelToken never;
  return write_scenes(pack::Pack(dir / "faces.pack"), dir / name, options, {}, never);
}

std::vector<std::string> faces_in(const pack::Sample& scene) {
  const auto colon = scene.source.find(": ");
  std::vector<std::string> names;
  for (const auto& word : split(scene.source.substr(colon + 2), ' '))
    if (word != "+") names.push_back(word);
  return names;
}

TEST(Scenes, HaveOneFaceOrTwoInsideThatNeverOverlap) {
  const testing::TempDir dir;
  make_faces(dir / "faces.pack");
  make(dir, "scenes.pack", small_scenes());
  const pack::Pack scenes(dir / "scenes.pack");
  ASSERT_EQ(scenes.size(), 51u);
  EXPECT_EQ(scenes.info().placement, pack::Placement::letterbox);
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < scenes.size(); ++i) {
    const auto& boxes = scenes.sample(i).boxes;
    ASSERT_TRUE(boxes.has_value());
    ASSERT_TRUE(boxes->size() == 1 || boxes->size() == 2);
    EXPECT_EQ(scenes.sample(i).label, -1);
    for (const auto& [box, label] : *boxes) {
      EXPECT_EQ(box.width, box.height);
      EXPECT_GE(box.width, 16);
      EXPECT_LE(box.width, 48);
    }
    if (boxes->size() < 2) continue;
    ++pairs;
    EXPECT_EQ(face::iou((*boxes)[0].box, (*boxes)[1].box), 0);
  }
  EXPECT_GT(pairs, 10u);
  EXPECT_LT(pairs, 41u);
}

TEST(Scenes, ShowTheirFacesInTheirBoxes) {
  const testing::TempDir dir;
  make_faces(dir / "faces.pack");
  make(dir, "scenes.pack", small_scenes());
  const pack::Pack scenes(dir / "scenes.pack");
  for (std::size_t i = 0; i < scenes.size(); ++i)
    for (const auto& [box, label] : *scenes.sample(i).boxes) {
      const auto x = static_cast<std::size_t>(box.x + box.width / 2),
                 y = static_cast<std::size_t>(box.y + box.height / 2);
      const int centre = scenes.pixels(i)[y * 96 + x];
      EXPECT_TRUE(label == 0 ? centre <= 25 : centre >= 166) << centre;  // 255 · 0.75 - 25, 0 · gain + 25
    }
}

TEST(Scenes, UseEachPartsLabelledFacesEquallyOftenAndNoOthers) {
  const testing::TempDir dir;
  make_faces(dir / "faces.pack");
  const auto report = make(dir, "scenes.pack", small_scenes());
  const pack::Pack scenes(dir / "scenes.pack");
  std::map<std::string, int> uses;
  for (std::size_t i = 0; i < scenes.size(); ++i)
    for (const auto& name : faces_in(scenes.sample(i))) {
      EXPECT_TRUE(name.starts_with(to_string(scenes.sample(i).split))) << name;
      EXPECT_FALSE(name.ends_with("-5") || name.ends_with("-11")) << name;
      ++uses[name];
    }
  int least = 1000, most = 0;
  for (const auto& [name, count] : uses) {
    if (!name.starts_with("train")) continue;
    least = std::min(least, count);
    most = std::max(most, count);
  }
  EXPECT_LE(most - least, 1);
  const auto& train = report.counts.at(Split::train);
  EXPECT_EQ(train.scenes, 40u);
  EXPECT_EQ(train.faces[0] + train.faces[1],
            static_cast<std::size_t>(std::accumulate(uses.begin(), uses.end(), 0, [](int sum, const auto& use) {
              return sum + (use.first.starts_with("train") ? use.second : 0);
            })));
}

TEST(Scenes, AreTheSameForAnyNumberOfThreadsAndOthersForAnotherSeed) {
  const testing::TempDir dir;
  make_faces(dir / "faces.pack");
  SceneOptions options = small_scenes();
  const std::string one = make(dir, "a.pack", options).hash;
  options.threads = 3;
  EXPECT_EQ(make(dir, "b.pack", options).hash, one);
  options.seed = 1;
  EXPECT_NE(make(dir, "c.pack", options).hash, one);
}

TEST(Scenes, RefuseWhatCannotBeMade) {
  const testing::TempDir dir;
  make_faces(dir / "faces.pack", /*with_test=*/false);
  const auto refused = [&](const auto& change) {
    SceneOptions options = small_scenes();
    change(options);
    try {
      make(dir, "scenes.pack", options);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::usage);
      EXPECT_FALSE(std::filesystem::exists(dir / "scenes.pack"));
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_NE(refused([](SceneOptions&) {}).find("no labelled faces in its test part"), std::string::npos);
  EXPECT_NE(refused([](SceneOptions& o) { o.size = 32; }).find("32 pixels"), std::string::npos);
  EXPECT_NE(refused([](SceneOptions& o) { o.largest_face = 97; }).find("16 to 97"), std::string::npos);
  EXPECT_NE(refused([](SceneOptions& o) { o.smallest_face = 49; }).find("49 to 48"), std::string::npos);
  EXPECT_NE(refused([](SceneOptions& o) { o.pairs = 1.5; }).find("1.5"), std::string::npos);
  EXPECT_NE(refused([](SceneOptions& o) { o.scenes.clear(); }).find("No scenes"), std::string::npos);
  SceneOptions options = small_scenes();
  options.scenes[Split::test] = 0;
  make(dir, "scenes.pack", options);
  const CancelToken never;
  EXPECT_THROW(write_scenes(pack::Pack(dir / "scenes.pack"), dir / "again.pack", options, {}, never), Error);
}

TEST(SceneBackground, IsVariedAndFollowsItsSeed) {
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Random first(seed), second(seed);
    const cv::Mat grey = draw_background(64, 1, first), again = draw_background(64, 1, second);
    const std::string bytes(reinterpret_cast<const char*>(grey.data), grey.total());
    EXPECT_EQ(bytes, std::string(reinterpret_cast<const char*>(again.data), again.total()));
    seen.insert(bytes);
  }
  EXPECT_EQ(seen.size(), 8u);
  Random random(1);
  EXPECT_EQ(draw_background(64, 3, random).type(), CV_8UC3);
}

}  // namespace
}  // namespace mien::dataset
