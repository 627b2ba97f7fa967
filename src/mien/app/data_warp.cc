// SPDX-License-Identifier: Apache-2.0
// mien data warp: rotated views of a pack's faces with known yaws.
#include "mien/app/data_warp.h"

#include <fmt/core.h>

#include <memory>

#include "mien/app/data_make_pack.h"
#include "mien/base/command.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/cylinder_warp.h"

namespace mien::app {
namespace {

struct WarpArguments {
  PackCommand files{"data warp", "views.pack"};
  std::string yaw;

  std::vector<double> yaws() const {
    std::vector<double> out;
    for (const auto& word : split(yaw, ',')) {
      const auto value = parse_double(word);
      if (!value)
        fail_usage(fmt::format("--yaw: {} is not a number.", quote(word)),
                   "Give the angles in degrees: --yaw -60,-30,0,30,60");
      out.push_back(*value);
    }
    return out;
  }
  std::string canonical() const { return fmt::format("{} --yaw {}", files.canonical(), yaw); }
};

int make_warped(const Program& program, const WarpArguments& a) {
  const auto yaws = a.yaws();
  return make_pack(program, a.files, [&](const pack::Pack& source) {
    const auto report =
        dataset::write_warped(source, a.files.output, yaws, a.canonical(), program.progress(), interrupt_token());
    Json json = dataset::to_json(report);
    json["pack"] = a.files.output;
    json["yaw"] = yaws;
    const std::string line = fmt::format("{} views of {} pictures\n", report.samples, report.pictures);
    return MadePack{std::move(json), line, parts_of(source)};
  });
}

}  // namespace

void add_data_warp(Program& program, CLI::App* data) {
  auto a = std::make_shared<WarpArguments>();
  CLI::App* command = program.command(
      data, "warp", "Rotate each face to several yaws on a cylinder, for training and evaluation by pose",
      [&program, a] { return make_warped(program, *a); });
  add_packs(command, a->files, "Pack to write: each picture once per yaw, with its pose");
  command
      ->add_option("--yaw", a->yaw,
                   "Degrees separated by commas, -90 to 90; positive: the face turns to the picture's right")
      ->default_val("-60,-30,0,30,60");
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
