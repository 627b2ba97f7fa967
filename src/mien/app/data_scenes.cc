// SPDX-License-Identifier: Apache-2.0
// mien data scenes: made pictures with one or two faces of a pack, for methods that find faces themselves.
#include "mien/app/data_scenes.h"

#include <iostream>
#include <memory>

#include "mien/app/next_step.h"
#include "mien/base/container.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/dataset/scenes.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

struct ScenesArguments {
  std::string input, output;
  dataset::SceneOptions scenes;
  int threads = 0;

  /// Without paths of this machine: equal input then gives equal packs.
  std::string canonical() const {
    std::string out = text("mien data scenes ", fs::path(input).filename().string(), " --size ", scenes.size,
                           " --smallest ", scenes.smallest_face, " --largest ", scenes.largest_face, " --pairs ",
                           scenes.pairs, " --seed ", scenes.seed);
    for (const auto& [split, count] : scenes.scenes) out += text(" --", to_string(split), " ", count);
    return out;
  }
};

int make_scenes(const Program& program, ScenesArguments a) {
  if (a.output.empty()) fail_usage("data scenes needs an output file.", "Add -o scenes.pack");
  OutputGuard guard = program.output_guard("data scenes");
  guard.reads(a.input);
  guard.writes("-o", a.output, OutputKind::pack);
  const pack::Pack faces(a.input);
  a.scenes.threads = a.threads > 0 ? std::min(a.threads, usable_cores()) : usable_cores();
  a.scenes.command = a.canonical();
  const auto report = dataset::write_scenes(faces, a.output, a.scenes, program.progress(), interrupt_token());
  Json json = dataset::to_json(report);
  json["pack"] = a.output;
  if (program.json()) {
    std::cout << compact(json) << std::endl;
  } else {
    for (const auto& [split, part] : json["splits"].items())
      std::cout << split << "  " << part["scenes"] << " scenes, faces  " << compact(part["faces"]) << "\n";
    std::cout << std::flush;
  }
  const auto has = [&](pack::Split split) { return report.counts.contains(split); };
  program.say(after_packing(
      a.output, {has(pack::Split::train), has(pack::Split::valid), has(pack::Split::test), has(pack::Split::train)}));
  return 0;
}

}  // namespace

void add_data_scenes(Program& program, CLI::App* data) {
  auto a = std::make_shared<ScenesArguments>();
  CLI::App* command = program.command(
      data, "scenes", "Compose pictures with boxes from one or two faces of a pack on backgrounds without faces",
      [&program, a] { return make_scenes(program, *a); });
  auto& o = a->scenes;
  command->add_option("pack", a->input, "Pack of faces; each part of the new pack uses the faces of the same part")
      ->required();
  command->add_option("-o,--output", a->output, "Pack to write");
  command->add_option("--size", o.size, "Side of a scene, in pixels; 64 to 1024")->capture_default_str();
  command->add_option("--smallest", o.smallest_face, "Smallest side of a face, in pixels; at least 8")
      ->capture_default_str();
  command->add_option("--largest", o.largest_face, "Largest side of a face, in pixels; at most --size")
      ->capture_default_str();
  command->add_option("--pairs", o.pairs, "Share of scenes with two faces; 0..1")->capture_default_str();
  command->add_option("--train", o.scenes[pack::Split::train], "Number of training scenes; 0: none")
      ->capture_default_str();
  command->add_option("--valid", o.scenes[pack::Split::valid], "Number of validation scenes; 0: none")
      ->capture_default_str();
  command->add_option("--test", o.scenes[pack::Split::test], "Number of test scenes; 0: none")->capture_default_str();
  command->add_option("--seed", o.seed, "Seed; the same seed gives the same file")->capture_default_str();
  command->add_option("--threads", a->threads, "Drawing threads (0: one per core)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
