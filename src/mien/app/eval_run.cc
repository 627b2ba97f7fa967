// SPDX-License-Identifier: Apache-2.0
// mien eval RUN: a checkpoint under LibTorch, judged by the code that also judges exported models.
#include <memory>

#include "mien/app/commands.h"
#include "mien/app/eval_options.h"
#include "mien/app/eval_report.h"
#include "mien/app/run_model.h"
#include "mien/base/toml.h"
#include "mien/nn/device.h"
#include "mien/train/predictor.h"

namespace mien::app {
namespace {

std::string data_of(const EvalOptions& o, const RunModel& run) {
  if (!o.data.empty()) return o.data;
  return run.info.config.at("data").at("pack").get<std::string>();
}

int evaluate_run(const Program& program, const EvalOptions& o) {
  RunModel run = load_run(o.model);
  const auto by = score::groupings_from(o.by);
  check_outputs(program, o, data_of(o, run));
  const pack::Pack pack(data_of(o, run));
  const at::Device device = nn::device_from(o.device);
  run.method->network().to(device);
  const score::Facts facts{run.checkpoint.string(), pack.path().string(),   o.split,
                           pack.info().label_rule,  program.command_line(), o.seed};
  const train::PredictorOptions how{device, /*bfloat16=*/false, /*channels_last=*/false, o.flip};
  if (run.info.facts.input.kind == face::InputKind::picture) {
    check_detection_options(o);
    const auto evaluation =
        score::evaluate_boxes(train::make_box_predictor(*run.method, pack, how), run.info.facts.classes, pack,
                              split_named(o.split), {.progress = program.progress()});
    print_and_leave(program, o, evaluation, facts, pack, to_toml(run.info.config));
    return 0;
  }
  const auto predictor = train::make_predictor(*run.method, pack, how);
  score::Options options;
  options.seed = o.seed;
  options.temperature = run.info.temperature;
  options.progress = program.progress();
  options.abstain = abstention(o, run.info.calibration);
  options.by = by;
  const auto evaluation = score::evaluate(predictor, run.info.facts.classes, pack, split_named(o.split), options);
  print_evaluation(program, evaluation, facts);
  leave_evaluation(program, o, evaluation, facts, pack,
                   {.temperature = options.temperature, .settings = to_toml(run.info.config)});
  return 0;
}

}  // namespace

void add_eval_run(Program& program) {
  auto options = std::make_shared<EvalOptions>();
  CLI::App* command = program.command("eval", "Evaluate a run on one part of a packed data set",
                                      [&program, options] { return evaluate_run(program, *options); });
  declare(command, *options);
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
