// SPDX-License-Identifier: Apache-2.0
// mien noise-report RUN: the labels of a pack, judged by a checkpoint under LibTorch.
#include <memory>

#include "mien/app/commands.h"
#include "mien/app/noise_report.h"
#include "mien/app/run_model.h"
#include "mien/nn/device.h"
#include "mien/train/predictor.h"

namespace mien::app {
namespace {

int report_by_run(const Program& program, const NoiseReportOptions& o) {
  RunModel run = load_run(o.model);
  const auto data = o.data.empty() ? run.info.config.at("data").at("pack").get<std::string>() : o.data;
  check_outputs(program, o, data);
  const pack::Pack pack(data);
  const at::Device device = nn::device_from(o.device);
  run.method->network().to(device);
  const auto predictor =
      train::make_predictor(*run.method, pack, {device, /*bfloat16=*/false, /*channels_last=*/false, /*flip=*/false});
  report_labels(program, o, predictor, run.info.facts.classes, pack, run.info.temperature);
  return 0;
}

}  // namespace

void add_noise_report_run(Program& program) {
  auto options = std::make_shared<NoiseReportOptions>();
  CLI::App* command =
      program.command("noise-report", "List pictures whose labels are unlikely according to a run, for manual review",
                      [&program, options] { return report_by_run(program, *options); });
  declare(command, *options);
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
