// SPDX-License-Identifier: Apache-2.0
// mien data scenes: generated pictures with one or two faces of a pack, for methods that detect faces themselves.
#include "mien/app/data_scenes.h"

#include <fmt/core.h>

#include <memory>

#include "mien/app/data_make_pack.h"
#include "mien/base/container.h"
#include "mien/base/error.h"
#include "mien/dataset/scenes.h"

namespace mien::app {
namespace {

struct ScenesArguments {
  PackCommand files{"data scenes", "scenes.pack"};
  dataset::SceneOptions scenes;
  int threads = 0;

  std::string canonical() const {
    std::string out = fmt::format("{} --size {} --smallest {} --largest {} --pairs {:g} --seed {}", files.canonical(),
                                  scenes.size, scenes.smallest_face, scenes.largest_face, scenes.pairs, scenes.seed);
    for (const auto& [split, count] : scenes.scenes) out += fmt::format(" --{} {}", to_string(split), count);
    return out;
  }
};

int make_scenes(const Program& program, ScenesArguments a) {
  a.scenes.threads = a.threads > 0 ? std::min(a.threads, usable_cores()) : usable_cores();
  a.scenes.command = a.canonical();
  return make_pack(program, a.files, [&](const pack::Pack& faces) {
    const auto report = dataset::write_scenes(faces, a.files.output, a.scenes, program.progress(), interrupt_token());
    Json json = dataset::to_json(report);
    json["pack"] = a.files.output;
    std::string lines;
    for (const auto& [split, part] : json["splits"].items())
      lines += fmt::format("{}  {} scenes, faces  {}\n", split, compact(part["scenes"]), compact(part["faces"]));
    const auto has = [&](pack::Split split) { return report.counts.contains(split); };
    return MadePack{
        std::move(json),
        lines,
        {has(pack::Split::train), has(pack::Split::valid), has(pack::Split::test), has(pack::Split::train)}};
  });
}

}  // namespace

void add_data_scenes(Program& program, CLI::App* data) {
  auto a = std::make_shared<ScenesArguments>();
  CLI::App* command = program.command(
      data, "scenes", "Compose pictures with boxes from one or two faces of a pack on backgrounds without faces",
      [&program, a] { return make_scenes(program, *a); });
  auto& o = a->scenes;
  command
      ->add_option("pack", a->files.input, "Pack of faces; each part of the new pack uses the faces of the same part")
      ->required()
      ->type_name("PACK");
  command->add_option("-o,--output", a->files.output, "Pack to write")->type_name("FILE");
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
