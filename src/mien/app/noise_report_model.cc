// SPDX-License-Identifier: Apache-2.0
// mien noise-report MODEL.onnx: the labels of a pack, judged by an exported model.
#include <memory>

#include "mien/app/commands.h"
#include "mien/app/eval_model_predictor.h"
#include "mien/app/noise_report.h"
#include "mien/base/error.h"
#include "mien/runtime/expression_model.h"

namespace mien::app {
namespace {

int report_by_model(const Program& program, const NoiseReportOptions& o) {
  if (o.data.empty())
    fail_usage("noise-report needs --data PACK for an exported model.", "Create a pack with 'mien data pack'.");
  if (o.device != "cpu")
    fail_usage("--device works only for runs; an exported model runs on the processor.",
               "Remove --device, or give the run instead.");
  check_outputs(program, o, o.data);
  const auto model = runtime::ExpressionModel::load(o.model);
  const pack::Pack pack(o.data);
  report_labels(program, o, make_predictor(model, pack, /*flip=*/false), model.card().classes, pack,
                model.card().temperature);
  return 0;
}

}  // namespace

void add_noise_report_model(Program& program) {
  auto options = std::make_shared<NoiseReportOptions>();
  CLI::App* command = program.command(
      "noise-report", "List pictures whose labels are unlikely according to a model or a run, for manual review",
      [&program, options] { return report_by_model(program, *options); });
  declare(command, *options);
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
