// SPDX-License-Identifier: Apache-2.0
// mien data fold: one fold of a cross-validation as a pack.
#include "mien/app/data_fold.h"

#include <fmt/core.h>

#include <memory>

#include "mien/app/choice_type.h"
#include "mien/app/data_make_pack.h"
#include "mien/base/command.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/base/words.h"
#include "mien/pack/folds.h"

namespace mien::app {
namespace {

struct FoldArguments {
  PackCommand files{"data fold", "fold0.pack"};
  std::string unit = "subject";
  int folds = 10, fold = 0;
  std::uint64_t seed = 0;

  pack::FoldOptions options() const {
    const auto named = from_word<pack::FoldUnit>(unit);
    if (!named)
      fail_usage(fmt::format("Unknown unit of folds {}.", quote(unit)),
                 did_you_mean(unit, all_words<pack::FoldUnit>()));
    return {folds, *named, seed};
  }
  std::string canonical() const {
    return fmt::format("{} --folds {} --fold {} --unit {} --seed {}", files.canonical(), folds, fold, unit, seed);
  }
};

int make_fold(const Program& program, const FoldArguments& a) {
  const auto options = a.options();
  return make_pack(program, a.files, [&](const pack::Pack& source) {
    const auto report = pack::write_fold(source, a.files.output, a.fold, options, a.canonical());
    Json json = pack::to_json(report);
    json["pack"] = a.files.output;
    json["folds"] = a.folds;
    json["fold"] = a.fold;
    json["unit"] = a.unit;
    const std::string lines =
        fmt::format("train  {}\nvalid  {}\ntest   {}\n", report.samples[0], report.samples[1], report.samples[2]);
    return MadePack{std::move(json), lines, {true, true, true}};
  });
}

}  // namespace

void add_data_fold(Program& program, CLI::App* data) {
  auto a = std::make_shared<FoldArguments>();
  CLI::App* command =
      program.command(data, "fold", "Write one fold of a cross-validation: its test part, and a validation part",
                      [&program, a] { return make_fold(program, *a); });
  add_packs(command, a->files, "Pack to write with all pictures of all parts");
  command->add_option("--folds", a->folds, "Number of folds, 3 or more")->capture_default_str();
  command
      ->add_option("--fold", a->fold,
                   "Fold that becomes the test part, from 0; the next one becomes the validation part")
      ->capture_default_str();
  command
      ->add_option("--unit", a->unit,
                   "What is never divided between folds: subject, sequence, or image (each picture by itself)")
      ->type_name(choice_type("NAME", all_words<pack::FoldUnit>()))
      ->capture_default_str();
  command->add_option("--seed", a->seed, "Seed; the same gives the same folds")->capture_default_str();
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
