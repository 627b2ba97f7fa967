// SPDX-License-Identifier: Apache-2.0
// mien data noise: a pack with artificial label noise, and the list of the true labels.
#include "mien/app/data_noise.h"

#include <fmt/core.h>

#include <memory>

#include "mien/app/choice_type.h"
#include "mien/app/data_make_pack.h"
#include "mien/base/command.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/pack/noise.h"

namespace mien::app {
namespace {

struct NoiseArguments {
  PackCommand files{"data noise", "noisy.pack"};
  std::string kind = std::string(to_word(pack::NoiseOptions{}.kind));
  pack::NoiseOptions noise;
  CLI::Option* rate = nullptr;

  std::string canonical() const {
    return fmt::format("{} --kind {}{} --seed {}", files.canonical(), kind,
                       rate_matters() ? fmt::format(" --rate {:g}", noise.rate) : "", noise.seed);
  }
  bool rate_matters() const { return noise.kind != pack::NoiseKind::from_votes; }
};

std::string table_of(const pack::LabelFlips& report) {
  std::string out = fmt::format("changed  {} of {} training labels\n", report.changed, report.samples);
  if (report.boxes > 0) out += fmt::format("changed  {} of {} classes of boxes\n", report.boxes_changed, report.boxes);
  out += fmt::format("flips (row: before, column: after)  {}\n", join(report.classes, " "));
  for (std::size_t i = 0; i < report.classes.size(); ++i) {
    out += report.classes[i];
    for (const auto count : report.flips[i]) out += fmt::format("  {}", count);
    out += "\n";
  }
  return out;
}

int make_noise(const Program& program, NoiseArguments a) {
  a.noise.kind = pack::noise_kind(a.kind);
  if (!a.rate_matters() && a.rate->count() > 0)
    fail_usage("--rate has no effect with from-votes: every label is drawn from its votes.", "Remove --rate.");
  const std::string& output = a.files.output;
  const auto make = [&](const pack::Pack& source) {
    const auto report = pack::write_noisy(source, output, a.noise, a.canonical());
    const std::string list = pack::truth_path(output).string();
    Json json = pack::to_json(report);
    json["pack"] = output;
    json["truth"] = list;
    if (report.boxes > 0) json["box_truth"] = pack::box_truth_path(output).string();
    return MadePack{std::move(json), table_of(report), parts_of(source), " --set " + shell_quote("data.truth=" + list)};
  };
  return make_pack(program, a.files, make, [&](OutputGuard& guard) {
    guard.writes("the list of true labels", pack::truth_path(output), OutputKind::table);
    guard.writes("the list of true boxes", pack::box_truth_path(output), OutputKind::table);
  });
}

}  // namespace

void add_data_noise(Program& program, CLI::App* data) {
  auto a = std::make_shared<NoiseArguments>();
  CLI::App* command =
      program.command(data, "noise", "Change training labels by a seeded rule, to measure the robustness of methods",
                      [&program, a] { return make_noise(program, *a); });
  add_packs(command, a->files, "Pack to write; the true labels are written to FILE.truth.csv");
  command
      ->add_option("--kind", a->kind,
                   "symmetric-exact (a fixed share of each class), symmetric, pairflip, asymmetric (confusable "
                   "classes) or from-votes (drawn from the votes)")
      ->type_name(choice_type("NAME", all_words<pack::NoiseKind>()))
      ->capture_default_str();
  a->rate = command->add_option("--rate", a->noise.rate, "Share of labels to change, 0..1; not with from-votes")
                ->capture_default_str();
  command->add_option("--seed", a->noise.seed, "Seed; the same seed gives the same file")->capture_default_str();
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
