// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/score/evaluate.h"
#include "mien/train/predictor.h"
#include "mien/train/trainer.h"
#include "stages/everything.h"
#include "stages/packs.h"
#include "support/temp_dir.h"

namespace mien::train {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct RunOptions {
  fs::path folder;
  int stop_after = 0;  ///< progress calls until the run is cancelled, as with Ctrl-C; 0: never
  bool resume = false;
  std::int64_t poison = -1;
  std::vector<std::string> stages = {};
  fs::path init = {};   ///< checkpoint that the run starts from
  fs::path faces = {};  ///< another pack of the first stage
  double save_minutes = 5;
};

struct Finished {
  TrainResult result;
  int steps = 0;
  std::vector<EpochRecord> epochs;
  std::vector<std::string> lines;  ///< of the log
  std::shared_ptr<mien::testing::Everything> method;
};

class Stages : public ::testing::Test {
 protected:
  Stages()
      : bars_(mien::testing::write_bars(dir_ / "bars.pack")), faces_(mien::testing::write_faces(dir_ / "faces.pack")) {}

  static TrainConfig config(const RunOptions& options) {
    TrainConfig out;
    out.method = "everything";
    out.stages = options.stages;
    out.precision = nn::Precision::float32;
    out.seed = 5;
    out.threads = 1;
    out.save_minutes = options.save_minutes;
    return out;
  }

  Finished run(const RunOptions& options) {
    const auto pack = std::make_shared<const pack::Pack>(bars_);
    method::DataFacts facts;
    facts.classes = pack->info().classes;
    facts.input.width = facts.input.height = mien::testing::kStageSide;
    Finished out;
    const fs::path faces = options.faces.empty() ? faces_ : options.faces;
    nn::seed_everything(5);  // constructors draw too
    out.method = std::make_shared<mien::testing::Everything>(
        mien::testing::EverythingOptions{faces.string(), options.poison}, facts);
    out.method->initialise(5);
    if (!options.init.empty()) load_weights(*out.method, nn::read_safetensors(options.init));
    CancelToken cancel;
    Talk talk;
    talk.cancel = &cancel;
    talk.progress = [&](const ProgressReport&) {
      if (++out.steps == options.stop_after) cancel.cancel();
    };
    talk.log = [&](const std::string& line) { out.lines.push_back(line); };
    talk.epoch = [&](const EpochRecord& record) { out.epochs.push_back(record); };
    fs::create_directories(options.folder);
    Trainer trainer(*out.method, config(options), {Json::object(), facts, {}, Json::object()}, pack,
                    RunFolder(options.folder), talk);
    if (options.resume) trainer.resume();
    out.result = trainer.run();
    return out;
  }

  /// Rows of metrics.jsonl without values that differ between runs.
  static std::vector<std::string> rows(const fs::path& folder) {
    std::vector<std::string> out;
    for (const auto& line : lines_of(read_file(folder / "metrics.jsonl"))) {
      if (line.empty()) continue;
      Json row = parse_json(line, "metrics.jsonl");
      for (const char* key : {"seconds", "images_per_second", "wait_share", "resident_gb"}) row.erase(key);
      out.push_back(compact(row));
    }
    return out;
  }

  static void expect_equal(const fs::path& a, const fs::path& b) {
    const auto left = nn::read_safetensors(a), right = nn::read_safetensors(b);
    ASSERT_EQ(left.tensors.size(), right.tensors.size()) << b;
    for (std::size_t i = 0; i < left.tensors.size(); ++i) {
      ASSERT_EQ(left.tensors[i].first, right.tensors[i].first);
      EXPECT_TRUE(left.tensors[i].second.equal(right.tensors[i].second)) << b << " " << left.tensors[i].first;
    }
  }

  static at::Tensor tensor(const fs::path& file, const std::string& key) {
    for (const auto& [name, value] : nn::read_safetensors(file).tensors)
      if (name == key) return value;
    ADD_FAILURE() << file << " has no " << key;
    return {};
  }

  const mien::testing::TempDir dir_;
  const fs::path bars_, faces_;
};

const std::vector<const char*> kCheckpoints{"last.safetensors", "best.safetensors", "best-align.safetensors",
                                            "best-classify.safetensors"};

// The two steps on each side of a border are among them: the last of a stage and the first of the next.
TEST_F(Stages, InterruptedAtAnyStepOfAnyStageTheRunEndsWithTheSameBits) {
  const auto whole = run({dir_ / "whole"});
  EXPECT_FALSE(whole.result.interrupted);
  EXPECT_GT(whole.steps, 4 + 6 + 6);
  for (int stop = 1; stop < whole.steps; ++stop) {
    SCOPED_TRACE(fmt::format("interrupted after step {}", stop));
    const fs::path parts = dir_ / fmt::format("parts-{}", stop);
    EXPECT_TRUE(run({parts, stop}).result.interrupted);
    EXPECT_FALSE(run({.folder = parts, .resume = true}).result.interrupted);
    for (const char* file : kCheckpoints) expect_equal(dir_ / "whole" / file, parts / file);
    EXPECT_EQ(rows(dir_ / "whole"), rows(parts));
  }
}

TEST_F(Stages, InterruptedAtEveryStepInTurn) {
  const auto whole = run({dir_ / "whole"});
  int runs = 1;
  for (bool again = run({dir_ / "parts", 1}).result.interrupted; again; ++runs)
    again = run({.folder = dir_ / "parts", .stop_after = 1, .resume = true}).result.interrupted;
  EXPECT_GE(runs, whole.steps);
  for (const char* file : kCheckpoints) expect_equal(dir_ / "whole" / file, dir_ / "parts" / file);
  EXPECT_EQ(rows(dir_ / "whole"), rows(dir_ / "parts"));
}

TEST_F(Stages, EachStageHasItsOwnBest) {
  const auto whole = run({dir_ / "whole"});
  ASSERT_EQ(whole.result.stages.size(), 3u);
  const auto& [align, classify, last] =
      std::tie(whole.result.stages[0], whole.result.stages[1], whole.result.stages[2]);
  EXPECT_EQ(align.stage, "align");
  EXPECT_EQ(align.judgement.figure, "agreement");
  EXPECT_GT(align.judgement.score, 8.9);
  EXPECT_EQ(classify.judgement.figure, "right");
  EXPECT_LT(classify.judgement.score, align.judgement.score);  // worse than the previous stage, but still kept
  EXPECT_GE(classify.epoch, 1);
  EXPECT_EQ(last.judgement.figure, "loss");
  EXPECT_LT(last.judgement.score, 0);
  // A run's folder refers to the best checkpoint of its last stage.
  EXPECT_EQ(checkpoint_path(dir_ / "whole").filename(), "best.safetensors");
  const auto info = info_from(nn::read_safetensors(dir_ / "whole" / "best.safetensors").metadata, "best");
  EXPECT_EQ(info.metrics.at("stage"), "whole");
  EXPECT_EQ(info.metrics.at("epoch"), last.epoch);
}

TEST_F(Stages, AScoreSeesTheWholeValidationPartAndItsHighestValueWins) {
  const auto whole = run({dir_ / "whole"});
  ASSERT_EQ(whole.method->scored.size(), 2u);  // once per epoch of align
  for (const auto& seen : whole.method->scored)
    EXPECT_THAT(seen, ElementsAre(14, 15, 16, 17, 18, 19, 20));  // batches of 6: the second has one picture
  // The best epoch of each stage is the first with the highest score; in the last stage, with the lowest loss.
  for (const auto& [stage, figure, sign] : {std::tuple{0, "agreement", 1}, {1, "right", 1}, {2, "loss", -1}}) {
    const Best& best = whole.result.stages[static_cast<std::size_t>(stage)];
    double highest = -1e300;
    int epoch = 0;
    for (const auto& record : whole.epochs) {
      if (record.row.at("stage") != best.stage) continue;
      const double score = sign * record.row.at("valid").at(figure).get<double>();
      if (score <= highest) continue;
      highest = score;
      epoch = record.row.at("epoch").get<int>();
    }
    EXPECT_EQ(best.epoch, epoch) << best.stage;
    EXPECT_EQ(best.judgement.score, highest) << best.stage;
  }
}

TEST_F(Stages, NormsStayInInferenceModeFromTheirEpochOn) {
  run({.folder = dir_ / "a", .stages = {"align"}});
  // Two epochs of two steps; the norm of the body is in inference mode in the second.
  EXPECT_EQ(tensor(dir_ / "a" / "last.safetensors", "body.1.num_batches_tracked").item<std::int64_t>(), 2);
  run({dir_ / "whole"});
  // classify keeps the body in inference mode; whole has two epochs of three steps.
  EXPECT_EQ(tensor(dir_ / "whole" / "best-classify.safetensors", "body.1.num_batches_tracked").item<std::int64_t>(), 2);
  EXPECT_EQ(tensor(dir_ / "whole" / "last.safetensors", "body.1.num_batches_tracked").item<std::int64_t>(), 2 + 2 * 3);
}

TEST_F(Stages, AnAverageHasItsOwnDecayAndWarmUp) {
  run({.folder = dir_ / "one", .stop_after = 1, .stages = {"align"}});
  run({.folder = dir_ / "two", .stop_after = 2, .stages = {"align"}});
  const double d = 0.7 * (1 - std::exp(-2.0 / 3));  // at the second update
  const fs::path one = dir_ / "one" / "last.safetensors", two = dir_ / "two" / "last.safetensors";
  const at::Tensor expected = d * tensor(one, "ema.body.0.weight") + (1 - d) * tensor(two, "body.0.weight");
  EXPECT_TRUE(tensor(two, "ema.body.0.weight").allclose(expected, 1e-5, 1e-7));
  for (const auto& [name, value] : nn::read_safetensors(two).tensors)  // only of the body
    EXPECT_TRUE(!name.starts_with("ema.") || name.starts_with("ema.body.")) << name;
}

TEST_F(Stages, OrdersAugmentationAndStepsOfStagesDrawFromStreamsOfTheirOwn) {
  const auto pack = std::make_shared<const pack::Pack>(bars_);
  method::DataFacts facts;
  facts.classes = pack->info().classes;
  facts.input.width = facts.input.height = mien::testing::kStageSide;
  mien::testing::Everything method({faces_.string()}, facts);
  const auto stages = method.stages();
  const TrainConfig settings = config({});
  const auto plans = plan_stages(stages, settings);
  const auto data = open_stage_data(stages, plans, pack, settings, facts);
  const auto first_batch = [&](std::size_t plan) {
    auto options = loader_options(stages[2], plans[plan], at::kCPU, false);
    options.batch_size = 20;
    options.wrap = {};
    return batch::Loader(*data[2].train, options).next(0, 0);
  };
  const auto a = first_batch(1), b = first_batch(2), again = first_batch(2);
  EXPECT_TRUE(b.index.equal(again.index) && b.images().equal(again.images()));
  EXPECT_FALSE(a.index.equal(b.index));
  // The same pictures in pack order: only the noise of the view differs.
  EXPECT_FALSE(a.images().index_select(0, a.index.argsort()).equal(b.images().index_select(0, b.index.argsort())));
  // Dropout of a step follows the plan's seed (StageRun).
  EXPECT_NE(plans[1].seed, plans[2].seed);
}

TEST_F(Stages, TheTimeLeftCountsEachStagesOwnBatches) {
  const auto pack = std::make_shared<const pack::Pack>(bars_);
  method::DataFacts facts;
  facts.classes = pack->info().classes;
  mien::testing::Everything method({faces_.string()}, facts);
  const auto stages = method.stages();
  const TrainConfig settings = config({});
  const auto plans = plan_stages(stages, settings);
  const auto data = open_stage_data(stages, plans, pack, settings, facts);
  EXPECT_EQ(pictures_after(0, stages, plans, data), 9 * 3 * 5 + 2 * 20);  // 3 steps of 5; one pass over 20
  EXPECT_EQ(pictures_after(1, stages, plans, data), 2 * 20);
  EXPECT_EQ(pictures_after(2, stages, plans, data), 0);
  auto alone = settings;
  alone.stages = {"align"};
  EXPECT_EQ(pictures_after(0, stages, plan_stages(stages, alone), data), 0);
}

TEST_F(Stages, SavesLessOftenThanAskedForAndSaysSoWhereSavingTakesLong) {
  const auto often = run({.folder = dir_ / "a", .stages = {"align"}, .save_minutes = 1e-9});
  EXPECT_THAT(often.lines, ::testing::Contains(HasSubstr("minutes instead of every")));
  const auto seldom = run({.folder = dir_ / "b", .stages = {"align"}});
  EXPECT_THAT(seldom.lines, ::testing::Not(::testing::Contains(HasSubstr("minutes instead of every"))));
}

TEST_F(Stages, HandsTheBestOrTheLastStateOver) {
  const auto whole = run({dir_ / "whole"});
  ASSERT_EQ(whole.method->calls, (std::vector<std::string>{"align", "classify", "whole"}));
  const auto best = tensor(dir_ / "whole" / "best-align.safetensors", "body.0.weight");
  EXPECT_TRUE(whole.method->body_at_stage_begin[1].equal(best));
  // classify freezes the body and passes its last head on, not the averaged one of its best checkpoint.
  EXPECT_TRUE(whole.method->body_at_stage_begin[2].equal(best));
}

TEST_F(Stages, StageBeginRunsAgainAfterAResume) {
  run({dir_ / "a", 6});  // in the second stage
  const auto resumed = run({.folder = dir_ / "a", .resume = true});
  EXPECT_THAT(resumed.method->calls, ElementsAre("classify resumed", "whole"));
}

TEST_F(Stages, PatienceEndsAStage) {
  const auto whole = run({dir_ / "whole"});
  int epochs = 0;
  for (const auto& record : whole.epochs) epochs += record.row.at("stage") == "classify";
  EXPECT_EQ(epochs, std::min(9, whole.result.stages[1].epoch + 2));
  EXPECT_LT(epochs, 9);
}

TEST_F(Stages, LogsKeepPlayersApart) {
  const auto whole = run({dir_ / "whole"});
  const Json& row = whole.epochs.front().row;
  std::vector<std::string> names;
  for (const auto& [name, value] : row.at("loss").items()) names.push_back(name);
  EXPECT_THAT(names,
              ElementsAre("critic.adversarial", "critic.penalty", "critic.total", "network.landmarks", "network.pose",
                          "network.boxes", "network.adversarial", "network.distance", "network.total"));
  // Constant schedules would show nothing: cosine, over 2 epochs, is at half of each peak after the first.
  EXPECT_NEAR(row.at("learning_rate").at("network").get<double>(), 0.025, 1e-9);
  EXPECT_NEAR(row.at("learning_rate").at("critic").get<double>(), 0.005, 1e-9);
  EXPECT_TRUE(whole.epochs.back().row.at("learning_rate").is_number());
}

TEST_F(Stages, AStageThatCountsOnContinuesScheduleAndProgress) {
  const auto whole = run({dir_ / "whole"});
  // 9 epochs of classify were planned before the 2 of whole; 20 pictures in batches of 7 make 3 steps.
  EXPECT_DOUBLE_EQ(whole.method->progress.front(), 9 * 3 / 33.0);
  // At the end of its first epoch: cosine at 10 of 11 epochs.
  const auto first = std::find_if(whole.epochs.begin(), whole.epochs.end(),
                                  [](const auto& record) { return record.row.at("stage") == "whole"; });
  EXPECT_NEAR(first->row.at("learning_rate").get<double>(), 0.01 * 0.5 * (1 + std::cos(M_PI * 10 / 11)), 1e-9);
  // The average of the head continues: 3 updates per epoch of classify and of whole.
  int epochs = 0;
  for (const auto& record : whole.epochs) epochs += record.row.at("stage") != "align";
  EXPECT_EQ(tensor(dir_ / "whole" / "last.safetensors", "ema.head.updates").item<std::int64_t>(), 3 * epochs);
}

TEST_F(Stages, AveragesAreTakenAfterTheProjection) {
  run({.folder = dir_ / "align", .stages = {"align"}});
  // The first filters are clamped from the start; an average of values before a projection would lie outside.
  const auto average = tensor(dir_ / "align" / "last.safetensors", "ema.body.0.weight");
  EXPECT_LE(average.abs().max().item<float>(), 0.25f + 1e-6f);
  EXPECT_FALSE(average.equal(tensor(dir_ / "align" / "last.safetensors", "body.0.weight")));
}

TEST_F(Stages, AStageRunsAloneFromTheBestOfAnEarlierRun) {
  run({.folder = dir_ / "first", .stages = {"align"}});
  EXPECT_FALSE(fs::exists(dir_ / "first" / "best-align.safetensors"));
  const auto second =
      run({.folder = dir_ / "second", .stages = {"classify", "whole"}, .init = checkpoint_path(dir_ / "first")});
  EXPECT_THAT(second.method->calls, ElementsAre("classify", "whole"));
  run({dir_ / "whole"});
  // Stages have their own random streams, so two runs draw the same numbers as one run.
  expect_equal(dir_ / "whole" / "last.safetensors", dir_ / "second" / "last.safetensors");
  expect_equal(dir_ / "whole" / "best.safetensors", dir_ / "second" / "best.safetensors");
}

TEST_F(Stages, ALossThatIsNotFiniteNamesStagePlayerTermAndPicturesAndLeavesTheLastCheckpointWhole) {
  try {
    run({.folder = dir_ / "bad", .poison = 2});  // the first step of the second epoch
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::failed);
    EXPECT_THAT(error.message(), HasSubstr("epoch 2, step 2 of stage align, player critic: term 'penalty'"));
    EXPECT_THAT(error.message(), HasSubstr("pictures face-"));
  }
  run({.folder = dir_ / "bad", .resume = true});
  run({dir_ / "good"});
  expect_equal(dir_ / "good" / "last.safetensors", dir_ / "bad" / "last.safetensors");
}

TEST_F(Stages, FixedStateIsPlacedAndStaysOutOfCheckpoints) {
  const auto whole = run({.folder = dir_ / "a", .stages = {"align"}});
  EXPECT_EQ(whole.method->filter().strides()[1], 1);  // channels_last, like the network's weights
  for (const char* file : {"last.safetensors", "best.safetensors"})
    for (const auto& [name, value] : nn::read_safetensors(dir_ / "a" / file).tensors) EXPECT_NE(name, "filter");
}

TEST_F(Stages, PicturesOfAHookAreHandedOver) {
  const auto whole = run({.folder = dir_ / "a", .stages = {"align"}});
  ASSERT_EQ(whole.epochs.size(), 2u);
  ASSERT_EQ(whole.epochs[1].pictures.size(), 1u);
  EXPECT_EQ(whole.epochs[1].pictures[0].pixels.sizes(), at::IntArrayRef({1, 4, 6}));
  const Json entry = whole.epochs[1].row.at("pictures").at(0);
  EXPECT_EQ(entry.at("file"), "pictures/align-2-1.png");
  EXPECT_EQ(entry.at("caption"), "first filters");
}

TEST_F(Stages, ResumingWithAnotherPackOfAStageIsRefused) {
  run({dir_ / "a", 2});
  fs::rename(faces_, dir_ / "old.pack");
  mien::testing::write_faces(faces_, /*with_fields=*/true, /*seed=*/13);
  EXPECT_THROW(run({.folder = dir_ / "a", .resume = true}), Error);
}

TEST_F(Stages, APackWithoutTheFieldsOfAStageIsRefusedWithTheCommandThatAddsThem) {
  const auto plain = mien::testing::write_faces(dir_ / "plain.pack", /*with_fields=*/false);
  try {
    run({.folder = dir_ / "a", .faces = plain});
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::bad_input);
    EXPECT_THAT(error.message(), HasSubstr("landmarks"));
    EXPECT_THAT(error.remedy(), HasSubstr("mien data pack"));
  }
  EXPECT_FALSE(fs::exists(dir_ / "a" / "last.safetensors"));
}

TEST_F(Stages, TheBestCheckpointIsEvaluated) {
  const auto whole = run({dir_ / "whole"});
  load_weights(*whole.method, nn::read_safetensors(checkpoint_path(dir_ / "whole")));
  const pack::Pack pack(bars_);
  const auto evaluation = score::evaluate(make_predictor(*whole.method, pack, {}), pack.info().classes, pack,
                                          pack::Split::test, {.batch_size = 3});
  EXPECT_GE(evaluation.accuracy, 0);
  EXPECT_EQ(evaluation.samples, 8);
}

}  // namespace
}  // namespace mien::train
