// SPDX-License-Identifier: Apache-2.0
// mien calibrate MODEL.onnx: fitted in the deployment runtime, written into the model's card; the weights stay.
#include <memory>

#include "mien/app/calibrate_options.h"
#include "mien/app/commands.h"
#include "mien/app/eval_model_predictor.h"
#include "mien/base/command.h"

namespace mien::app {
namespace {

int calibrate_model(const Program& program, const CalibrateArguments& a) {
  if (a.data.empty())
    fail_usage("calibrate needs --data PACK for an exported model.", "Create a pack with 'mien data pack'.");
  if (!a.output.empty() && !a.output.ends_with(".onnx"))
    fail_usage(text("-o ", quote(a.output), ": the file name must end in .onnx."));
  if (a.device != "cpu")
    fail_usage("--device works only for runs; an exported model runs on the processor.",
               "Remove --device, or give the run instead.");
  calibrate_options(program, a, 1);  // a wrong split is reported before anything is loaded
  if (!a.output.empty()) {
    OutputGuard guard = program.output_guard("calibrate");
    guard.reads(a.model);
    guard.reads(a.data);
    guard.writes("-o", a.output, OutputKind::model);
  }
  const auto model = runtime::ExpressionModel::load(a.model);
  const pack::Pack pack(a.data);
  const auto result = score::calibrate(make_predictor(model, pack, a.flip), model.card().classes, pack,
                                       calibrate_options(program, a, model.card().temperature));
  face::ModelCard card = model.card();
  card.temperature = result.temperature;
  card.calibration = result.calibration;
  const std::string file = a.output.empty() ? a.model : a.output;
  runtime::write_card(a.model, card, file);
  print_calibration(program, a, result, pack, file);
  program.say("next: mien predict --model " + shell_quote(file) + " --abstain 5% PICTURE");
  return 0;
}

}  // namespace

void add_calibrate_model(Program& program) {
  auto arguments = std::make_shared<CalibrateArguments>();
  CLI::App* command = program.command("calibrate", "Calibrate a model's probabilities on validation data",
                                      [&program, arguments] { return calibrate_model(program, *arguments); });
  declare(command, *arguments);
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
