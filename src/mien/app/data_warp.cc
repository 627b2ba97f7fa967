// SPDX-License-Identifier: Apache-2.0
// mien data warp: turned views of a pack's faces with known yaws.
#include "mien/app/data_warp.h"

#include <iostream>
#include <memory>

#include "mien/app/next_step.h"
#include "mien/base/command.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/cylinder_warp.h"

namespace mien::app {
namespace {

struct WarpArguments {
  std::string input, output, yaw;

  std::vector<double> yaws() const {
    std::vector<double> out;
    for (const auto& word : split(yaw, ',')) {
      const auto value = parse_double(word);
      if (!value)
        fail_usage(text("--yaw: ", quote(word), " is not a number."),
                   "Give the angles in degrees: --yaw -60,-30,0,30,60");
      out.push_back(*value);
    }
    return out;
  }
  /// Without paths of this machine: equal input then gives equal packs.
  std::string canonical() const {
    return text("mien data warp ", std::filesystem::path(input).filename().string(), " --yaw ", yaw);
  }
};

int make_warped(const Program& program, const WarpArguments& a) {
  if (a.output.empty()) fail_usage("data warp needs an output file.", "Add -o views.pack");
  const auto yaws = a.yaws();
  OutputGuard guard = program.output_guard("data warp");
  guard.reads(a.input);
  guard.writes("-o", a.output, OutputKind::pack);
  const pack::Pack source(a.input);
  const auto report =
      dataset::write_warped(source, a.output, yaws, a.canonical(), program.progress(), interrupt_token());
  if (program.json()) {
    Json json = dataset::to_json(report);
    json["pack"] = a.output;
    json["yaw"] = yaws;
    std::cout << compact(json) << std::endl;
  } else {
    std::cout << report.samples << " views of " << report.pictures << " pictures" << std::endl;
  }
  program.say(after_packing(a.output, parts_of(source)));
  return 0;
}

}  // namespace

void add_data_warp(Program& program, CLI::App* data) {
  auto a = std::make_shared<WarpArguments>();
  CLI::App* command = program.command(
      data, "warp", "Rotate each face to several yaws on a cylinder, for training and evaluation by pose",
      [&program, a] { return make_warped(program, *a); });
  command->add_option("pack", a->input, "Packed data set of faces; it is not changed")->required();
  command->add_option("-o,--output", a->output, "Pack to write: each picture once per yaw, with its pose");
  command
      ->add_option("--yaw", a->yaw,
                   "Degrees separated by commas, -90 to 90; positive: the face turns to the picture's right")
      ->default_val("-60,-30,0,30,60");
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
