// SPDX-License-Identifier: Apache-2.0
// mien data occlude: a pack whose faces are partly covered, to measure how methods cope with it.
#include "mien/app/data_occlude.h"

#include <fmt/core.h>

#include <memory>

#include "mien/app/choice_type.h"
#include "mien/app/data_make_pack.h"
#include "mien/base/command.h"
#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/base/words.h"
#include "mien/dataset/occlusion.h"

namespace mien::app {
namespace {

struct OccludeArguments {
  PackCommand files{"data occlude", "occluded.pack"};
  std::string kind = "mask";
  std::uint64_t seed = 0;
  bool upright = false;

  dataset::OcclusionOptions options() const {
    const auto named = from_word<dataset::OcclusionKind>(kind);
    if (!named)
      fail_usage(fmt::format("Unknown kind of occlusion {}.", quote(kind)),
                 did_you_mean(kind, all_words<dataset::OcclusionKind>()));
    if (upright && *named != dataset::OcclusionKind::mask)
      fail_usage(fmt::format("--upright works only for masks, not for {}.", kind), "Remove --upright.");
    return {*named, seed, !upright};
  }
  std::string canonical() const {
    return fmt::format("{} --kind {} --seed {}{}", files.canonical(), kind, seed, upright ? " --upright" : "");
  }
};

int make_occluded(const Program& program, const OccludeArguments& a) {
  const auto options = a.options();
  return make_pack(program, a.files, [&](const pack::Pack& source) {
    const auto report =
        dataset::write_occluded(source, a.files.output, options, a.canonical(), program.progress(), interrupt_token());
    Json json = dataset::to_json(report);
    json["pack"] = a.files.output;
    json["kind"] = a.kind;
    const std::string lines =
        fmt::format("covered   {}\nleft out  {} without landmarks\n", report.samples, report.left_out);
    return MadePack{std::move(json), lines, parts_of(pack::Pack(a.files.output))};
  });
}

}  // namespace

void add_data_occlude(Program& program, CLI::App* data) {
  auto a = std::make_shared<OccludeArguments>();
  CLI::App* command = program.command(
      data, "occlude",
      "Cover a part of each face (a face mask, a square, the eyes or the mouth), to measure the robustness of methods",
      [&program, a] { return make_occluded(program, *a); });
  add_packs(command, a->files, "Pack to write, with all parts and fields");
  command
      ->add_option("--kind", a->kind,
                   "mask (a surgical mask), square (grey, a third of the side, at a random position), eyes or mouth (a "
                   "grey bar), or none (for comparison: the same pictures, uncovered); all except square need "
                   "landmarks and leave out pictures without them")
      ->type_name(choice_type("NAME", all_words<dataset::OcclusionKind>()))
      ->capture_default_str();
  command->add_option("--seed", a->seed, "Seed of the positions of squares; not used by the other kinds")
      ->capture_default_str();
  command->add_flag("--upright", a->upright, "Do not rotate masks with a tilted head");
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
