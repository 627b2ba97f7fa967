// SPDX-License-Identifier: Apache-2.0
// The twelve stages of the part-based method with all six parts: their names, the best epoch of each, resuming in any
// of them, and the requirement on the landmarks before the second six.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <memory>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/random.h"
#include "mien/base/text.h"
#include "mien/methods/registry.h"
#include "mien/train/run_config.h"
#include "mien/train/trainer.h"
#include "support/temp_dir.h"

namespace mien::train {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kSide = 32, kStages = 12, kEpochs = 2;

/// Noise of eight classes with 68 landmarks on a circle at varying positions.
fs::path write_faces(const fs::path& path) {
  pack::PackInfo info;
  info.classes = face::class_set(8);
  info.data_set = "circles";
  info.label_rule = "single";
  info.width = info.height = kSide;
  pack::PackWriter writer(path, info);
  Random random(3);
  for (int i = 0; i < 32; ++i) {
    pack::Sample s;
    s.split = i < 16 ? pack::Split::train : pack::Split::valid;
    s.label = i % 8;
    s.distribution[static_cast<std::size_t>(s.label)] = 1;
    s.source = std::to_string(i);
    for (int p = 0; p < 68; ++p)
      s.landmarks.push_back(
          {static_cast<float>(12 + i % 8 + 6 * std::cos(p)), static_cast<float>(16 + 6 * std::sin(p))});
    std::vector<std::uint8_t> pixels(kSide * kSide);
    for (auto& pixel : pixels) pixel = static_cast<std::uint8_t>(random.below(256));
    writer.add(s, pixels);
  }
  writer.commit();
  return path;
}

class TwelveStages : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    dir_ = std::make_unique<testing::TempDir>();
    pack_ = write_faces(*dir_ / "faces.pack");
    whole_ = run("whole", 0);
  }
  static void TearDownTestSuite() { dir_.reset(); }

  static TrainResult run(const std::string& folder, double demand, int stop_after = 0, bool resume = false) {
    const Json json = {{"method", "part-based"},
                       {"data", {{"pack", pack_.string()}}},
                       {"input", {{"size", kSide}, {"mean", {0.5}}, {"std", {0.5}}}},
                       {"model", {{"parts", {"eyebrows", "eyes", "nose", "mouth", "jaw", "full"}}}},
                       {"landmarks", {{"epochs", kEpochs}, {"steps", 1}, {"demand", demand}}},
                       {"expression", {{"epochs", kEpochs}, {"steps", 1}, {"recalibrate", 1}}},
                       {"train", {{"batch_size", 8}, {"precision", "float32"}, {"seed", 5}}}};
    const auto config = RunConfig::from_json(json, "test", methods::make_config);
    const auto pack = std::make_shared<const pack::Pack>(pack_);
    const method::DataFacts facts{pack->info().classes, input_spec(config.train(), 1, kSide)};
    const auto method = config.build(facts);
    method->initialise(5);
    CancelToken cancel;
    Talk talk;
    talk.cancel = &cancel;
    talk.progress = [&, steps = 0](const ProgressReport&) mutable {
      if (++steps == stop_after) cancel.cancel();
    };
    fs::create_directories(*dir_ / folder);
    Trainer trainer(*method, config.train(), {config.resolved(), facts, {}, Json::object()}, pack,
                    RunFolder(*dir_ / folder), talk);
    if (resume) trainer.resume();
    return trainer.run();
  }

  static nn::NamedTensors last_weights(const std::string& folder) {
    return nn::read_safetensors(*dir_ / folder / "last.safetensors").tensors;
  }

  static inline std::unique_ptr<testing::TempDir> dir_;
  static inline fs::path pack_;
  static inline TrainResult whole_;  ///< of the uninterrupted run
};

TEST_F(TwelveStages, HaveTheirNamesAndTheirOwnBestEpochs) {
  EXPECT_FALSE(whole_.interrupted);
  std::vector<std::string> names;
  for (const Best& best : whole_.stages) {
    names.push_back(best.stage);
    const bool is_landmarks = best.stage.starts_with("landmarks-");
    if (is_landmarks) {
      EXPECT_EQ(best.judgement.figure, "landmark_skill") << best.stage;
    }
    const auto file = *dir_ / "whole" / ("best-" + best.stage + ".safetensors");
    const auto path = fs::exists(file) ? file : *dir_ / "whole" / "best.safetensors";
    const auto info = info_from(nn::read_safetensors(path).metadata, path.string());
    EXPECT_EQ(info.metrics.at("stage"), best.stage);
    EXPECT_EQ(info.metrics.at("epoch"), best.epoch) << best.stage;
    EXPECT_GE(best.epoch, 1);
    EXPECT_LE(best.epoch, kEpochs);
  }
  EXPECT_THAT(names, ElementsAre("landmarks-eyebrows", "landmarks-eyes", "landmarks-nose", "landmarks-mouth",
                                 "landmarks-jaw", "landmarks-full", "expression-eyebrows", "expression-eyes",
                                 "expression-nose", "expression-mouth", "expression-jaw", "expression-full"));
  // Rows of the record, one per epoch of each stage.
  std::map<std::string, int> rows;
  for (const auto& line : lines_of(read_file(*dir_ / "whole" / "metrics.jsonl")))
    if (!line.empty()) ++rows[Json::parse(line).at("stage").get<std::string>()];
  EXPECT_EQ(rows.size(), static_cast<std::size_t>(kStages));
  for (const auto& [stage, count] : rows) EXPECT_EQ(count, kEpochs) << stage;
}

/// Interrupted in the second stage and in the ninth.
TEST_F(TwelveStages, ResumeBitForBitInAnyOfThem) {
  const auto whole = last_weights("whole");
  for (const int stop_after : {3, 17}) {
    const std::string folder = "parts" + std::to_string(stop_after);
    EXPECT_TRUE(run(folder, 0, stop_after).interrupted);
    EXPECT_FALSE(run(folder, 0, 0, /*resume=*/true).interrupted);
    const auto parts = last_weights(folder);
    ASSERT_EQ(parts.size(), whole.size());
    for (std::size_t i = 0; i < whole.size(); ++i)
      EXPECT_TRUE(whole[i].second.equal(parts[i].second)) << whole[i].first << " stopped after " << stop_after;
  }
}

// Trap 8 of the card: two steps teach no more than the mean shape.
TEST_F(TwelveStages, BodiesWithoutLandmarksAreRefusedBeforeTheSeventh) {
  try {
    run("demanding", 0.25);
    FAIL();
  } catch (const Error& error) {
    EXPECT_THAT(error.message(), HasSubstr("The network of the eyebrows"));
    EXPECT_THAT(error.message(), HasSubstr("landmarks.demand = 0.25"));
    EXPECT_THAT(error.remedy(), HasSubstr("landmarks.demand=0"));
  }
}

}  // namespace
}  // namespace mien::train
