// SPDX-License-Identifier: Apache-2.0
// mien eval: a run or an exported model on one part of a packed data set.
#include <memory>

#include "mien/app/commands.h"
#include "mien/app/eval_options.h"
#include "mien/app/eval_report.h"
#include "mien/app/subject.h"

namespace mien::app {
namespace {

int evaluate(const Program& program, const EvalOptions& o) {
  const auto by = score::groupings_from(o.by);
  const Subject subject = open_subject("eval", o.model, o.data, o.device);
  check_outputs(program, o, subject.data);
  const pack::Pack pack(subject.data);
  const score::Facts facts{subject.name,           pack.path().string(),   o.split,
                           pack.info().label_rule, program.command_line(), o.seed};
  if (subject.finds_boxes) {
    check_detection_options(o);
    const auto evaluation = score::evaluate_boxes(subject.box_predictor(pack), subject.classes, pack,
                                                  split_named(o.split), {.progress = program.progress()});
    print_and_leave(program, o, evaluation, facts, pack, subject.settings);
    return 0;
  }
  report::Responses responses;
  score::Options options;
  options.seed = o.seed;
  options.temperature = subject.temperature;
  options.progress = program.progress();
  options.abstain = abstention(o, subject.calibration);
  options.by = by;
  const auto evaluation = score::evaluate(subject.predictor(pack, o.flip, &responses), subject.classes, pack,
                                          split_named(o.split), options);
  print_evaluation(program, evaluation, facts);
  report::PageOptions page{.temperature = options.temperature, .settings = subject.settings};
  if (!responses.pictures.empty()) page.responses = &responses;
  leave_evaluation(program, o, evaluation, facts, pack, page);
  return 0;
}

}  // namespace

void add_eval(Program& program) {
  auto options = std::make_shared<EvalOptions>();
  CLI::App* command = program.command("eval", "Evaluate a model or a run on one part of a packed data set",
                                      [&program, options] { return evaluate(program, *options); });
  declare(command, *options);
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
