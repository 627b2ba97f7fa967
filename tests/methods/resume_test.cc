// SPDX-License-Identifier: Apache-2.0
// An interrupted and resumed run equals an uninterrupted one bit for bit (CPU, float32).
#include <gtest/gtest.h>

#include <memory>

#include "methods/cases.h"
#include "methods/small_set.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/train/run_config.h"
#include "mien/train/trainer.h"
#include "support/temp_dir.h"

namespace mien::train {
namespace {

RunConfig small_config(const std::string& method, const std::filesystem::path& pack) {
  const auto small = methods::case_of(method);
  const Json json = {
      {"method", method},
      {"data", {{"pack", pack.string()}}},
      {"input", {{"size", small.side}, {"mean", {0.5}}, {"std", {0.5}}}},
      {"train", {{"epochs", 2}, {"batch_size", 13}, {"precision", "float32"}, {"ema_decay", 0.9}, {"seed", 5}}}};
  auto config = RunConfig::from_json(json, "test", methods::make_config);
  for (const auto& setting : small.tiny) config.set(setting);
  return config;
}

/// `stop_after` steps: cancels from the progress call, like Ctrl-C.
TrainResult run(const RunConfig& config, const std::filesystem::path& folder, int stop_after, bool resume) {
  const auto pack = std::make_shared<const pack::Pack>(config.train().pack);
  const method::DataFacts facts{pack->info().classes, input_spec(config.train(), 1, 48)};
  auto method = config.build(facts);
  method->initialise(5);
  CancelToken cancel;
  int steps = 0;
  Talk talk;
  talk.cancel = &cancel;
  talk.progress = [&](const ProgressReport&) {
    if (++steps == stop_after) cancel.cancel();
  };
  std::filesystem::create_directories(folder);
  Trainer trainer(*method, config.train(), {config.resolved(), facts, {}, Json::object()}, pack, RunFolder(folder),
                  talk);
  if (resume) trainer.resume();
  return trainer.run();
}

using MethodAndStep = std::tuple<std::string, int>;

/// Pack and uninterrupted run of each method, for comparison with its three interrupted runs.
class Resume : public ::testing::TestWithParam<MethodAndStep> {
 protected:
  static void SetUpTestSuite() { shared_ = std::make_unique<testing::TempDir>(); }
  static void TearDownTestSuite() { shared_.reset(); }

  static std::filesystem::path pack() {
    const auto path = *shared_ / "bars.pack";
    return std::filesystem::exists(path) ? path : testing::write_small_set(path);
  }
  static std::filesystem::path whole_run(const std::string& method) {
    const auto folder = *shared_ / method;
    if (!std::filesystem::exists(folder)) {
      EXPECT_FALSE(run(small_config(method, pack()), folder, 0, false).interrupted);
    }
    return folder;
  }

 private:
  inline static std::unique_ptr<testing::TempDir> shared_;
};

TEST_P(Resume, EqualsTheUninterruptedRun) {
  const testing::TempDir dir;
  const auto config = small_config(std::get<0>(GetParam()), pack());
  const auto whole_folder = whole_run(std::get<0>(GetParam()));
  EXPECT_TRUE(run(config, dir / "parts", std::get<1>(GetParam()), false).interrupted);
  EXPECT_FALSE(run(config, dir / "parts", 0, true).interrupted);
  const auto whole = nn::read_safetensors(whole_folder / "last.safetensors");
  const auto parts = nn::read_safetensors(dir / "parts" / "last.safetensors");
  ASSERT_EQ(whole.tensors.size(), parts.tensors.size());
  for (std::size_t i = 0; i < whole.tensors.size(); ++i)
    EXPECT_TRUE(whole.tensors[i].second.equal(parts.tensors[i].second)) << whole.tensors[i].first;
  const auto loss = [](const std::filesystem::path& run) {
    std::vector<std::string> rows;
    for (const auto& line : lines_of(read_file(run / "metrics.jsonl")))
      if (!line.empty())
        rows.push_back(compact(Json::parse(line).at("loss")) + compact(Json::parse(line).value("valid", Json())));
    return rows;
  };
  EXPECT_EQ(loss(whole_folder), loss(dir / "parts"));
  EXPECT_GE(loss(whole_folder).size(), 2u);  // earlier stages have their own rows
}

/// After one step, in the middle of the second epoch, and on the last step of the first epoch (three steps each, with
/// or without the last picture). IFER: in each of its stages (two steps of the generator, three of the inversion, then
/// the recognition's own), and on the last step of one.
std::vector<MethodAndStep> interruptions() {
  std::vector<MethodAndStep> all;
  for (const auto& name : methods::names())
    for (const int step : name == "ifer" ? std::vector{1, 5, 8} : std::vector{1, 3, 5}) all.emplace_back(name, step);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Registry, Resume, ::testing::ValuesIn(interruptions()));

TEST(ResumeErrors, BestCheckpointCannotBeResumed) {
  const testing::TempDir dir;
  const auto pack = testing::write_small_set(dir / "bars.pack");
  const auto config = small_config(methods::names().front(), pack);
  run(config, dir / "run", 0, false);
  std::filesystem::copy_file(dir / "run" / "best.safetensors", dir / "run" / "last.safetensors",
                             std::filesystem::copy_options::overwrite_existing);
  EXPECT_THROW(run(config, dir / "run", 0, true), Error);
}

}  // namespace
}  // namespace mien::train
