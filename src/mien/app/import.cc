// SPDX-License-Identifier: Apache-2.0
// mien import FILE --method NAME -o OUT.safetensors: published weights as a checkpoint of mien.
#include <fmt/core.h>

#include <filesystem>
#include <iostream>
#include <memory>

#include "mien/app/choice_type.h"
#include "mien/app/commands.h"
#include "mien/app/program.h"
#include "mien/base/command.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/hash.h"
#include "mien/base/text.h"
#include "mien/base/version.h"
#include "mien/face/class_order.h"
#include "mien/method/import.h"
#include "mien/methods/registry.h"
#include "mien/train/checkpoint.h"
#include "mien/train/run_config.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

struct ImportArguments {
  std::string file, method, output, classes, config, entry;
  std::vector<std::string> sets, strip;
  bool lenient = false;
};

/// The method before the file's classes are known: for its rules and its keys.
std::unique_ptr<method::Method> draft(const train::RunConfig& config) {
  return config.build({face::class_set(face::kNumExpressions),
                       train::input_spec(config.train(), static_cast<int>(config.train().mean.size()), 0)});
}

/// The given file and --set, or the method's defaults with the settings for its published files.
train::RunConfig configuration(const ImportArguments& a) {
  if (!a.config.empty()) {
    auto sets = a.sets;
    if (!a.method.empty()) sets.push_back("method=" + a.method);
    return train::RunConfig::from_file(a.config, sets, methods::make_config);
  }
  auto config = train::RunConfig::from_json({{"method", a.method}}, "--method", methods::make_config);
  for (const auto& assignment : draft(config)->import_rules().config) config.set(assignment);
  for (const auto& assignment : a.sets) config.set(assignment);
  return config;
}

/// The order of the outputs defines every prediction: it must be given unless the published files allow only one
/// choice.
std::vector<std::string> classes_of(const Program& program, const ImportArguments& a, method::Method& method,
                                    const nn::WeightsFile& file) {
  const method::ImportRules rules = method.import_rules();
  std::size_t k = 0;
  for (const auto& [key, value] : method::to_our_names(rules, method.network(), file.file.tensors, a.file, a.strip))
    if (key == rules.classifier && value.dim() > 0) k = static_cast<std::size_t>(value.size(0));
  if (!a.classes.empty() && k > 0) return face::classes_from(a.classes, k);
  if (!a.classes.empty())
    return face::classes_from(
        a.classes, a.classes.find(',') == std::string::npos ? face::kNumExpressions : split(a.classes, ',').size());
  std::vector<std::string> fitting;
  for (const auto& order : rules.orders)
    if (face::classes_of_order(order, k)) fitting.push_back(order);
  if (fitting.size() == 1) {
    const auto classes = *face::classes_of_order(fitting[0], k);
    program.say(fmt::format("{} classes, read in the order of {}: {}. Use --classes if the file has another order.", k,
                            fitting[0], join(classes, ", ")));
    return classes;
  }
  fail_usage(
      fmt::format("{}: the file does not contain the order of its {}classes{}.", a.file,
                  k > 0 ? fmt::format("{} ", k) : "",
                  fitting.empty() ? "" : fmt::format("; published files use the order of {}", join(fitting, " or "))),
      fmt::format("Set it with --classes: {}, or the expressions separated by commas.",
                  join(fitting.empty() ? face::class_order_names() : fitting, ", ")));
}

face::Provenance provenance_of(const Program& program, const ImportArguments& a, const std::string& licence) {
  face::Provenance p;
  p.data_set = "unknown (imported weights)";
  p.licence = licence;
  p.label_rule = "unknown";
  p.imported_from = fs::path(a.file).filename().string();
  p.source_hash = content_hash(MappedFile(a.file).bytes());
  p.git_revision = git_revision();
  p.command = program.command_line();
  return p;
}

int import_file(const Program& program, const ImportArguments& a) {
  if (!a.output.ends_with(".safetensors"))
    fail_usage(fmt::format("-o {}: the file name must end in .safetensors.", quote(a.output)));
  OutputGuard guard = program.output_guard("import");
  guard.reads(a.file);
  guard.reads(a.config);
  guard.writes("-o", a.output, OutputKind::checkpoint);
  if (a.method.empty() && a.config.empty()) fail_usage("import needs --method NAME.", "See 'mien methods'.");
  auto config = configuration(a);
  auto sketch = draft(config);
  const auto rules = sketch->import_rules();
  const auto file = nn::read_weights(a.file, rules.containers, a.entry, rules.parts, method::fit_of(*sketch, a.strip));
  check_input(!train::is_checkpoint(file.file.metadata), a.file + ": already a mien checkpoint.",
              "Use it directly: mien export, mien eval, mien train --init.");
  method::DataFacts facts = sketch->facts();
  facts.classes = classes_of(program, a, *sketch, file);
  sketch.reset();
  auto method = config.build(facts);
  method->initialise(static_cast<std::uint64_t>(config.train().seed));
  const auto report = method::import_weights(*method, file, a.strip);
  for (const auto& line : method::describe(report)) {
    if (program.json())
      program.say(line);
    else
      std::cout << line << std::endl;
  }
  if (!a.lenient) method::require_complete(report, fmt::format("the network of {}", method->info().name));
  nn::write_safetensors(
      a.output, train::weights_of(*method),
      train::to_metadata({config.resolved(), facts, provenance_of(program, a, method->info().licence)}));
  Json json = method::to_json(report);
  json["output"] = a.output;
  json["classes"] = facts.classes;
  if (program.json()) std::cout << compact(json) << std::endl;
  program.say(fmt::format("{}  next: mien export {} -o {}", a.output, shell_quote(a.output),
                          shell_quote(fs::path(a.output).stem().string() + ".onnx")));
  return 0;
}

}  // namespace

void add_import(Program& program) {
  auto arguments = std::make_shared<ImportArguments>();
  CLI::App* command = program.command("import", "Convert published weights to a checkpoint",
                                      [&program, arguments] { return import_file(program, *arguments); });
  command
      ->add_option("file", arguments->file,
                   "Weights: .safetensors, or .pth or .pt of torch.save; no code in them is run")
      ->required()
      ->type_name("FILE");
  command->add_option("--method", arguments->method, "Method of the weights; see 'mien methods'")
      ->type_name(choice_type("METHOD", methods::names()));
  command->add_option("-o,--output", arguments->output, "File to write, .safetensors")->required()->type_name("FILE");
  command->add_option("--classes", arguments->classes,
                      "Class order of the file's outputs: raf, affectnet, fer2013, ferplus, ckplus, canonical, or "
                      "names separated by commas");
  command
      ->add_option("--config", arguments->config,
                   "Configuration file (TOML) of the network (default: the values for the method's published weights)")
      ->type_name("CONFIG");
  command
      ->add_option("--set", arguments->sets,
                   "Change one value of the configuration: section.key=value; can be repeated")
      ->allow_extra_args(false);
  command->add_option("--entry", arguments->entry,
                      "Dictionary in the file that contains the weights, if it is not detected");
  command
      ->add_option("--strip", arguments->strip,
                   "Prefix to remove from the file's keys, if it is not detected; can be repeated")
      ->allow_extra_args(false);
  command->add_flag("--lenient", arguments->lenient,
                    "Load what fits by name and shape; initialise the rest as for training");
  program.add_json_flag(command);
  program.add_overwrite_flag(command);
}

}  // namespace mien::app
