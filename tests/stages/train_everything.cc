// SPDX-License-Identifier: Apache-2.0
// train_everything FACES BARS RUN: trains the test method on two packs made by the real programs, the first with boxes,
// landmarks and poses, and evaluates it. Prints {"stages": [...], "boxes": the detection contract, "faces": the one of
// classification} for tests/system/everything_whole_way.case.
#include <cstdio>
#include <iostream>

#include "mien/base/error.h"
#include "mien/base/json.h"
#include "mien/score/detection.h"
#include "mien/score/evaluate.h"
#include "mien/train/predictor.h"
#include "mien/train/trainer.h"
#include "stages/everything.h"

namespace mien::train {
namespace {

Json train_and_evaluate(const std::string& faces_path, const std::string& bars_path, const std::string& run) {
  TrainConfig config;
  config.method = "everything";
  config.precision = nn::Precision::float32;
  config.threads = 1;
  const auto faces = std::make_shared<const pack::Pack>(faces_path),
             bars = std::make_shared<const pack::Pack>(bars_path);
  method::DataFacts facts;
  facts.classes = bars->info().classes;
  facts.input.width = facts.input.height = 32;
  nn::seed_everything(1);
  testing::Everything method({faces_path}, facts);
  method.initialise(1);
  std::filesystem::create_directories(run);
  Trainer trainer(method, config, {Json::object(), facts, {}, Json::object()}, bars, RunFolder(run), {});
  const TrainResult result = trainer.run();
  load_weights(method, nn::read_safetensors(checkpoint_path(run)));

  Json out;
  for (const Best& best : result.stages)
    out["stages"].push_back({{"name", best.stage}, {"figure", best.judgement.figure}, {"epoch", best.epoch}});
  const score::Facts told{run, faces_path, "valid", faces->info().label_rule, "train_everything", 1};
  out["boxes"] = score::report_json(score::evaluate_boxes(make_box_predictor(method, *faces, {}), faces->info().classes,
                                                          *faces, pack::Split::valid, {}),
                                    told);
  const auto answers = score::evaluate(make_predictor(method, *bars, {}), facts.classes, *bars, pack::Split::test, {});
  out["faces"] = {{"samples", answers.samples}, {"accuracy", answers.accuracy}};
  return out;
}

}  // namespace
}  // namespace mien::train

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    std::cout << mien::compact(mien::train::train_and_evaluate(argv[1], argv[2], argv[3])) << std::endl;
  } catch (const mien::Error& error) {
    std::fprintf(stderr, "%s %s\n", error.message().c_str(), error.remedy().c_str());
    return mien::exit_code(error.kind());
  }
}
