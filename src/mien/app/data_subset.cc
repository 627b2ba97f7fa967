// SPDX-License-Identifier: Apache-2.0
// mien data subset: part of a pack's training pictures as one pack, and the others as another.
#include "mien/app/data_subset.h"

#include <fmt/core.h>

#include <memory>

#include "mien/app/data_make_pack.h"
#include "mien/base/error.h"
#include "mien/pack/subset.h"

namespace mien::app {
namespace {

struct SubsetArguments {
  PackCommand files{"data subset", "part.pack"};
  std::string rest;
  pack::SubsetOptions subset;

  std::string canonical() const {
    return fmt::format("{} --samples {} --seed {}", files.canonical(), subset.samples, subset.seed);
  }
};

std::string counts_of(const pack::SubsetReport& report) {
  std::string out;
  for (std::size_t c = 0; c < report.classes.size(); ++c)
    out += fmt::format("{}  {} of {}\n", report.classes[c], report.drawn[c], report.drawn[c] + report.rest[c]);
  const std::int64_t without = report.drawn_without_class + report.rest_without_class;
  if (without > 0) out += fmt::format("without a class  {} of {}\n", report.drawn_without_class, without);
  return out;
}

int make_subset(const Program& program, const SubsetArguments& a) {
  const auto make = [&](const pack::Pack& source) {
    const auto report = pack::write_subset(source, a.files.output, a.rest, a.subset, a.canonical());
    Json json = pack::to_json(report);
    json["drawn"]["pack"] = a.files.output;
    if (!a.rest.empty()) json["rest"]["pack"] = a.rest;
    return MadePack{std::move(json), counts_of(report), parts_of(source)};
  };
  return make_pack(program, a.files, make, [&](OutputGuard& guard) {
    if (!a.rest.empty()) guard.writes("--rest", a.rest, OutputKind::pack);
  });
}

}  // namespace

void add_data_subset(Program& program, CLI::App* data) {
  auto a = std::make_shared<SubsetArguments>();
  CLI::App* command =
      program.command(data, "subset", "Draw a part of the training pictures into one pack and the others into another",
                      [&program, a] { return make_subset(program, *a); });
  add_packs(command, a->files, "Pack to write, with the complete validation and test parts");
  command
      ->add_option("--rest", a->rest,
                   "Pack to write with the other training pictures and the same validation and test parts")
      ->type_name("FILE");
  command->add_option("--samples", a->subset.samples, "Number of training pictures to draw; each class keeps its share")
      ->required();
  command->add_option("--seed", a->subset.seed, "Seed; the same seed gives the same files")->capture_default_str();
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
