// SPDX-License-Identifier: Apache-2.0
// mien data subset: part of a pack's training pictures as a pack of its own, and the others as another.
#include "mien/app/data_subset.h"

#include <iostream>
#include <memory>

#include "mien/app/next_step.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/pack/subset.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

struct SubsetArguments {
  std::string input, output, rest;
  pack::SubsetOptions subset;

  /// Without paths of this machine: equal input then gives equal packs.
  std::string canonical() const {
    return text("mien data subset ", fs::path(input).filename().string(), " --samples ", subset.samples, " --seed ",
                subset.seed);
  }
};

void print_counts(const pack::SubsetReport& report) {
  for (std::size_t c = 0; c < report.classes.size(); ++c)
    std::cout << report.classes[c] << "  " << report.drawn[c] << " of " << report.drawn[c] + report.rest[c] << "\n";
  const std::int64_t without = report.drawn_without_class + report.rest_without_class;
  if (without > 0) std::cout << "without a class  " << report.drawn_without_class << " of " << without << "\n";
  std::cout << std::flush;
}

int make_subset(const Program& program, const SubsetArguments& a) {
  if (a.output.empty()) fail_usage("data subset needs an output file.", "Add -o part.pack");
  OutputGuard guard = program.output_guard("data subset");
  guard.reads(a.input);
  guard.writes("-o", a.output, OutputKind::pack);
  if (!a.rest.empty()) guard.writes("--rest", a.rest, OutputKind::pack);
  const pack::Pack source(a.input);
  const auto report = pack::write_subset(source, a.output, a.rest, a.subset, a.canonical());
  if (program.json()) {
    Json json = pack::to_json(report);
    json["drawn"]["pack"] = a.output;
    if (!a.rest.empty()) json["rest"]["pack"] = a.rest;
    std::cout << compact(json) << std::endl;
  } else {
    print_counts(report);
  }
  program.say(after_packing(a.output, parts_of(source)));
  return 0;
}

}  // namespace

void add_data_subset(Program& program, CLI::App* data) {
  auto a = std::make_shared<SubsetArguments>();
  CLI::App* command =
      program.command(data, "subset", "Draw a part of the training pictures into one pack and the others into another",
                      [&program, a] { return make_subset(program, *a); });
  command->add_option("pack", a->input, "Packed data set; it is not changed")->required();
  command->add_option("-o,--output", a->output, "Pack to write, with the complete validation and test parts");
  command->add_option("--rest", a->rest,
                      "Pack to write with the other training pictures and the same validation and test parts");
  command->add_option("--samples", a->subset.samples, "Number of training pictures to draw; each class keeps its share")
      ->required();
  command->add_option("--seed", a->subset.seed, "Seed; the same seed gives the same files")->capture_default_str();
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
