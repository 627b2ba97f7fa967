// SPDX-License-Identifier: Apache-2.0
// mien eval MODEL.onnx: an exported model in the deployment runtime, judged by the code that also judges runs.
#include <memory>

#include "mien/app/commands.h"
#include "mien/app/eval_model_predictor.h"
#include "mien/app/eval_options.h"
#include "mien/app/eval_report.h"
#include "mien/runtime/expression_model.h"

namespace mien::app {
namespace {

int evaluate_model(const Program& program, const EvalOptions& o) {
  if (o.data.empty())
    fail_usage("eval needs --data PACK for an exported model.", "Create a pack with 'mien data pack'.");
  if (o.device != "cpu")
    fail_usage("--device works only for runs; an exported model runs on the processor.",
               "Remove --device, or give the run instead.");
  const auto by = score::groupings_from(o.by);
  check_outputs(program, o, o.data);
  const auto model = runtime::ExpressionModel::load(o.model);
  const pack::Pack pack(o.data);
  const score::Facts facts{o.model, o.data, o.split, pack.info().label_rule, program.command_line(), o.seed};
  if (face::finds_boxes(model.card())) {
    check_detection_options(o);
    const auto evaluation = score::evaluate_boxes(make_box_predictor(model, pack), model.card().classes, pack,
                                                  split_named(o.split), {.progress = program.progress()});
    print_and_leave(program, o, evaluation, facts, pack, pretty(face::to_json(model.card())));
    return 0;
  }
  report::Responses responses;
  const auto predictor = make_predictor(model, pack, o.flip, &responses);
  score::Options options;
  options.seed = o.seed;
  options.temperature = model.card().temperature;
  options.progress = program.progress();
  options.abstain = abstention(o, model.card().calibration);
  options.by = by;
  const auto evaluation = score::evaluate(predictor, model.card().classes, pack, split_named(o.split), options);
  print_evaluation(program, evaluation, facts);
  leave_evaluation(
      program, o, evaluation, facts, pack,
      {.temperature = options.temperature, .settings = pretty(face::to_json(model.card())), .responses = &responses});
  return 0;
}

}  // namespace

void add_eval_model(Program& program) {
  auto options = std::make_shared<EvalOptions>();
  CLI::App* command = program.command("eval", "Evaluate a model or a run on one part of a packed data set",
                                      [&program, options] { return evaluate_model(program, *options); });
  declare(command, *options);
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
