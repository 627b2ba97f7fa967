// SPDX-License-Identifier: Apache-2.0
// mien data check | pack | subset | fold | distil | noise | occlude | warp | scenes: any data set that dataset/ reads.
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <iostream>
#include <memory>

#include "mien/app/choice_type.h"
#include "mien/app/commands.h"
#include "mien/app/data_detector.h"
#include "mien/app/data_distil.h"
#include "mien/app/data_fold.h"
#include "mien/app/data_noise.h"
#include "mien/app/data_occlude.h"
#include "mien/app/data_scenes.h"
#include "mien/app/data_subset.h"
#include "mien/app/data_warp.h"
#include "mien/app/next_step.h"
#include "mien/app/program.h"
#include "mien/base/command.h"
#include "mien/base/container.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/text.h"
#include "mien/dataset/check.h"
#include "mien/dataset/class_folders.h"
#include "mien/dataset/packing.h"
#include "mien/face/class_order.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

/// Options of both commands: the source of the pictures and the reading of their labels.
struct SourceArguments {
  std::string path, layout = "auto", label_rule = "majority", votes = "label.csv", label_order;
  double val_fraction = 0, test_fraction = 0;
  std::uint64_t seed = 0;
  int threads = 0;
  std::vector<CLI::Option*> of_source;  ///< the options below, to know which were given
  CLI::Option *rule_option = nullptr, *votes_option = nullptr;

  dataset::ReadOptions read_options() const {
    const auto rule = dataset::label_rule_from(label_rule);
    if (!rule)
      fail_usage(fmt::format("Unknown label rule {}.", quote(label_rule)),
                 did_you_mean(label_rule, {"majority", "probability", "multi-target"}));
    if (votes != "label.csv" && votes != "fer2013new.csv")
      fail_usage(fmt::format("Unknown source of votes {}.", quote(votes)),
                 did_you_mean(votes, {"label.csv", "fer2013new.csv"}));
    return {layout,      {*rule, votes == "fer2013new.csv"}, rule_option->count() > 0, votes_option->count() > 0,
            label_order, {val_fraction, test_fraction, seed}};
  }
  /// The given options about the source, as words of a command.
  std::string given() const {
    std::string out;
    for (const CLI::Option* option : of_source)
      if (option->count() > 0) out += fmt::format(" {} {}", option->get_name(), shell_quote(option->as<std::string>()));
    return out;
  }
  int num_threads() const { return threads > 0 ? std::min(threads, usable_cores()) : usable_cores(); }
};

constexpr const char* kClassesRemedy = "Use 8, 7 or 6, or expressions separated by commas: happiness,sadness,neutral.";

struct PackArguments : SourceArguments {
  std::string output;
  int size = 48;
  std::string classes = "0";
  bool colour = false;
  bool skip_defects = false;
  DetectorArguments detector;

  /// The fixed list of classes, or none for the data set's own.
  std::vector<std::string> class_list() const {
    if (classes == "0") return {};
    if (const auto count = parse_int(classes)) {
      if (*count < 6 || *count > 8) fail_usage(fmt::format("--classes {} is not 6, 7 or 8.", *count), kClassesRemedy);
      return face::class_set(static_cast<std::size_t>(*count));
    }
    std::vector<std::string> names;
    std::array<bool, face::kNumExpressions> wanted{};
    for (const auto& word : split(classes, ',')) {
      const auto expression = face::expression_from(trim(word));
      if (!expression)
        fail_usage(fmt::format("--classes: {} is not a known expression.", quote(trim(word))), kClassesRemedy);
      wanted[static_cast<std::size_t>(*expression)] = true;
    }
    for (std::size_t k = 0; k < wanted.size(); ++k)
      if (wanted[k]) names.emplace_back(face::expression_names()[k]);
    return names;
  }

  /// The command without this machine's paths, so that equal content gives packs that are equal byte for byte.
  std::string canonical_command() const {
    std::string out = fmt::format("mien data pack {} --layout {} --label-rule {} --votes {}",
                                  fs::path(path).filename().string(), layout, label_rule, votes);
    if (!label_order.empty()) out += " --label-order " + fs::path(label_order).filename().string();
    out += fmt::format(" --val-fraction {:g} --test-fraction {:g} --seed {} --size {} --classes {}{}", val_fraction,
                       test_fraction, seed, size, classes, colour ? " --colour" : "");
    return out + (skip_defects ? " --skip-defects" : "") + detector.canonical();
  }
};

void add_source_options(CLI::App* command, SourceArguments& a) {
  command
      ->add_option("data", a.path,
                   "Folder, zip file or list (.csv, .txt, .lst) of the data set; check also accepts a pack")
      ->required()
      ->type_name("PATH");
  const auto add = [&](const char* name, auto& value, const char* help) {
    return a.of_source.emplace_back(command->add_option(name, value, help)->capture_default_str());
  };
  add("--layout", a.layout, "auto, ferplus, folders, csv or affectnet; for pictures with boxes: boxes, voc or yolo")
      ->type_name("NAME:{auto,ferplus,folders,csv,affectnet,boxes,voc,yolo}");
  a.rule_option = add("--label-rule", a.label_rule, "FER+: majority, probability or multi-target");
  a.rule_option->type_name("NAME:{majority,probability,multi-target}");
  a.votes_option = add(
      "--votes", a.votes,
      "FER+: label.csv (the usual published split) or fer2013new.csv, joined by name or by the rows of fer2013.csv");
  a.votes_option->type_name("NAME:{label.csv,fer2013new.csv}");
  add("--label-order", a.label_order,
      "Meaning of numeric labels: raf, affectnet, fer2013, ferplus, ckplus, canonical, or a file with one class name "
      "per line")
      ->type_name(choice_type("NAME", face::class_order_names()));
  add("--val-fraction", a.val_fraction, "Share of the training pictures to use for validation, by class; 0..1");
  add("--test-fraction", a.test_fraction, "Share to use as a test part if the data set has none; 0..1");
  add("--seed", a.seed, "Seed of these splits");
  command->add_option("--threads", a.threads, "Decoding threads (0: one per core)")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

int check(const Program& program, const SourceArguments& a) {
  dataset::DataSet set;
  dataset::CheckReport report;
  const bool packed = is_our_output(a.path, OutputKind::pack);
  if (packed) {
    report =
        dataset::check_pack(pack::Pack(a.path), set.listing, a.num_threads(), program.progress(), interrupt_token());
  } else {
    set = dataset::read_data_set(a.path, a.read_options());
    report = dataset::check_data_set(set, a.num_threads(), program.progress(), interrupt_token());
  }
  if (program.json())
    std::cout << compact(dataset::to_json(report, set.listing)) << std::endl;
  else
    std::cout << dataset::to_text(report, set.listing) << std::flush;
  if (report.findings.num_defects() > 0) {
    program.say(fmt::format("mien: {}: {} defects; the first is {}.", a.path, report.findings.num_defects(),
                            report.findings.first_defect()));
    return exit_code(ErrorKind::bad_input);
  }
  if (packed)
    program.say(a.path + ": no defects.  " + after_packing(a.path, parts_of(pack::Pack(a.path))));
  else
    program.say(fmt::format("{}: no defects.  next: mien data pack {}{} -o {}", a.path, shell_quote(a.path), a.given(),
                            shell_quote(dataset::name_of(a.path) + ".pack")));
  return 0;
}

void print_summary(const Program& program, const dataset::PackSummary& summary, const dataset::Listing& listing,
                   const std::string& output) {
  Json splits = Json::object();
  for (const auto& [split, counts] : summary.counts) {
    Json classes = Json::object();
    for (const auto& name : summary.classes)
      classes[name] = counts[static_cast<std::size_t>(*face::expression_from(name))];
    const auto& fields = summary.fields.at(split);
    Json entry = {{"samples", fields.pictures}, {"classes", classes}};
    if (fields.has_any()) entry["fields"] = dataset::to_json(fields);
    splits[std::string(to_string(split))] = entry;
    if (program.json()) continue;
    std::cout << to_string(split) << "  " << fields.pictures << "  " << compact(classes) << "\n";
    if (fields.known_boxes > 0) std::cout << "  boxes  " << compact(entry["fields"]["boxes"]) << "\n";
  }
  const Json json = {{"pack", output},
                     {"layout", listing.layout},
                     {"data_set", listing.data_set},
                     {"label_rule", listing.label_rule},
                     {"label_source", listing.label_source},
                     {"classes", summary.classes},
                     {"samples", summary.num_pictures},
                     {"splits", splits},
                     {"label_mapping", listing.mapping},
                     {"hash", summary.hash},
                     {"defects", summary.findings.to_json()}};
  if (program.json()) std::cout << compact(json) << std::endl;
  for (const auto& entry : summary.findings.entries())
    program.say(fmt::format("{}{}: {} ({}{}", entry.is_defect ? "left out, " : "note: ", entry.kind, entry.count,
                            join(entry.first, ", "), entry.count > entry.first.size() ? ", …)" : ")"));
}

/// Pictures with boxes are packed whole; without labels of their own they are not faces.
void refuse_faces_of_boxes(const dataset::Listing& listing, const PackArguments& a) {
  const bool has_labels = std::any_of(listing.items.begin(), listing.items.end(),
                                      [](const dataset::Item& item) { return item.sample.label >= 0; });
  if (!a.detector.whole.empty() || has_labels) return;
  fail_usage(fmt::format("{}: pictures with boxes, read in layout {}, are packed whole.", a.path, listing.layout),
             "Add --whole and the size of the network's input: --whole 320x320");
}

/// The pictures that a list names may be anywhere; the output replaces none of them.
void check_pictures(const Program& program, const dataset::DataSet& set, const std::string& output) {
  if (!path_exists(output)) return;
  OutputGuard guard = program.output_guard("data pack");
  for (const auto& item : set.listing.items) guard.reads(set.tree->root() / item.sample.source);
  guard.writes("-o", output, OutputKind::pack);
}

int make_pack(const Program& program, PackArguments a) {
  if (a.output.empty()) a.output = dataset::name_of(a.path) + ".pack";
  a.detector.validate();
  const auto classes = a.class_list();
  OutputGuard guard = program.output_guard("data pack");
  guard.reads(a.path);
  guard.reads(a.label_order);
  guard.writes("-o", a.output, OutputKind::pack);
  const auto set = dataset::read_data_set(a.path, a.read_options());
  refuse_faces_of_boxes(set.listing, a);
  check_pictures(program, set, a.output);
  if (!program.json()) std::cout << "labels from " << set.listing.label_source << "\n";
  if (!set.listing.mapping.empty() && !program.json())
    std::cout << "labels  " << join(set.listing.mapping, ", ") << "\n";
  dataset::PackOptions options;
  options.size = a.size;
  options.channels = a.colour ? 3 : 1;
  options.classes = classes;
  options.threads = a.num_threads();
  options.skip_defects = a.skip_defects;
  options.command = a.canonical_command();
  options.seed = a.seed;
  a.detector.apply(options);
  const auto summary =
      dataset::write_pack(*set.tree, set.listing, a.output, options, program.progress(), interrupt_token());
  print_summary(program, summary, set.listing, a.output);
  const auto has = [&](pack::Split split) { return summary.counts.contains(split); };
  const bool has_boxes =
      summary.fields.contains(pack::Split::train) && summary.fields.at(pack::Split::train).known_boxes > 0;
  program.say(
      after_packing(a.output, {has(pack::Split::train), has(pack::Split::valid), has(pack::Split::test), has_boxes}));
  return 0;
}

}  // namespace

void add_data(Program& program) {
  CLI::App* data =
      program.command("data",
                      "Check a data set, pack it for training and evaluation, and derive packs from it: subsets, "
                      "folds, predicted labels, harder pictures, scenes",
                      nullptr);
  data->require_subcommand(1);

  auto checked = std::make_shared<SourceArguments>();
  CLI::App* check_command = program.command(
      data, "check", "Count classes and splits, find duplicates and defects; exit code 3 if there are defects",
      [&program, checked] { return check(program, *checked); });
  add_source_options(check_command, *checked);
  program.add_json_flag(check_command);

  auto packed = std::make_shared<PackArguments>();
  CLI::App* pack_command =
      program.command(data, "pack", "Decode and crop the labelled pictures and store them in one file",
                      [&program, packed] { return make_pack(program, *packed); });
  add_source_options(pack_command, *packed);
  pack_command->add_option("-o,--output", packed->output, "Pack to write (default: name of the data set with .pack)")
      ->type_name("FILE");
  pack_command->add_flag("--colour", packed->colour, "Keep three channels instead of converting the pictures to grey");
  pack_command->add_option("--size", packed->size, "Side length of the stored pictures, in pixels")
      ->check(CLI::Range(16, 512))
      ->capture_default_str();
  pack_command
      ->add_option("--classes", packed->classes,
                   "Fixed list of classes: 8 (all), 7 (without contempt), 6 (also without neutral), or names separated "
                   "by commas; 0: the classes of the data set, including empty folders")
      ->capture_default_str();
  pack_command->add_flag("--skip-defects", packed->skip_defects,
                         "Leave out entries with defects instead of refusing the data set");
  packed->detector.add_options(pack_command);
  program.add_json_flag(pack_command);
  program.add_overwrite_flag(pack_command);

  add_data_subset(program, data);
  add_data_fold(program, data);
  add_data_distil(program, data);
  add_data_noise(program, data);
  add_data_occlude(program, data);
  add_data_warp(program, data);
  add_data_scenes(program, data);
}

}  // namespace mien::app
