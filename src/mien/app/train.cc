// SPDX-License-Identifier: Apache-2.0
// mien train CONFIG: a method on a pack, from the start or from where it was interrupted.
#include <fmt/core.h>

#include <filesystem>
#include <memory>

#include "mien/app/choice_type.h"
#include "mien/app/commands.h"
#include "mien/app/next_step.h"
#include "mien/app/program.h"
#include "mien/app/train_page.h"
#include "mien/base/command.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/folder_lock.h"
#include "mien/base/version.h"
#include "mien/method/import.h"
#include "mien/methods/registry.h"
#include "mien/nn/device.h"
#include "mien/train/lineage.h"
#include "mien/train/run_config.h"
#include "mien/train/trainer.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

struct TrainArguments {
  std::string config;
  std::vector<std::string> sets, strip;
  std::string resume, init, entry, device;
  bool lenient = false;
};

void remove_quietly(const fs::path& folder) {
  std::error_code ignored;
  fs::remove_all(folder, ignored);
}

/// The pack must be the one that the run started with, byte for byte.
void check_same_data(const pack::Pack& pack, const std::string& hash, const fs::path& run) {
  check_input(pack.hash() == hash,
              fmt::format("{}: the pack's hash {} differs from that of the run {} ({}).", pack.path().string(),
                          pack.hash(), run.string(), hash),
              "Resume with the pack that the run started with, or start a new run.");
}

/// The initial weights: those of the whole network (--init), or of a part (init.backbone).
std::vector<face::Ancestor> lineage_of(const TrainArguments& arguments, const Json& config) {
  if (!arguments.init.empty()) return train::lineage_of("network", train::checkpoint_path(arguments.init));
  const auto backbone = config.value("/init/backbone"_json_pointer, std::string());
  return backbone.empty() ? std::vector<face::Ancestor>{} : train::lineage_of("backbone", backbone);
}

/// A run chooses its best epoch on the validation part: without one it would fail after the first.
void check_parts(const pack::Pack& pack) {
  const Parts parts = parts_of(pack);
  check_input(parts.train, pack.path().string() + ": no training part.",
              "Pack a data set with training pictures. This pack can be used with 'mien eval'.");
  check_input(
      parts.valid, pack.path().string() + ": no validation part, which training needs to select the best epoch.",
      "Create the pack again with --val-fraction 0.1, which uses a tenth of the training pictures for validation.");
}

face::Provenance provenance_of(const pack::Pack& pack, const train::TrainConfig& config, const std::string& command) {
  face::Provenance p;
  p.data_set = pack.info().data_set;
  p.licence = pack.info().licence;
  p.label_rule = pack.info().label_rule;
  p.data_hash = pack.hash();
  for (auto split : {pack::Split::train, pack::Split::valid, pack::Split::test})
    p.samples.emplace_back(to_string(split), pack.indices(split).size());
  p.seed = config.seed;
  p.git_revision = git_revision();
  p.command = command;
  return p;
}

std::string run_name(const train::TrainConfig& config) {
  return config.name.empty() ? config.method + "-" + fs::path(config.pack).stem().string() : config.name;
}

train::Talk talk(const Program& program, const train::RunFolder& folder, const face::Provenance& provenance) {
  return {[&program](const std::string& line) { program.say(line); }, program.progress(), &interrupt_token(),
          [folder, provenance](const train::EpochRecord& record) { write_epoch(folder, provenance, record); }};
}

/// The page exists from the start, is updated after each epoch, and shows how the run ended.
int run(const Program& program, train::Trainer& trainer, const train::RunFolder& folder,
        const face::Provenance& provenance) {
  using report::RunState;
  write_train_page(folder, provenance, RunState::running);
  train::TrainResult result;
  try {
    result = trainer.run();
  } catch (const std::exception&) {
    write_train_page(folder, provenance, RunState::failed);
    throw;
  }
  write_train_page(folder, provenance, result.interrupted ? RunState::interrupted : RunState::done);
  if (result.interrupted) {
    program.say(fmt::format("Interrupted; everything is saved. Continue with: mien train --resume {}",
                            shell_quote(folder.path().string())));
    return exit_code(ErrorKind::interrupted);
  }
  for (const auto& best : result.stages)
    program.say(fmt::format("Done{}: best on the validation part in epoch {} ({}).",
                            result.stages.size() > 1 ? " with stage " + best.stage : "", best.epoch,
                            train::describe(best.judgement)));
  const bool has_test = face::samples_in(provenance, "test") > 0;
  program.say(fmt::format("{}  next: mien eval {} --split {}", folder.path().string(),
                          shell_quote(folder.path().string()), has_test ? "test" : "valid"));
  return 0;
}

/// Names both presets and sizes if the weights come from a mien run of another preset.
void require_same_preset(const nn::WeightsFile& file, const method::ImportReport& report, const Json& config,
                         const face::InputSpec& input) {
  if (report.mismatched.empty() || !train::is_checkpoint(file.file.metadata)) return;
  const auto theirs = train::info_from(file.file.metadata, report.origin);
  const auto preset = [](const Json& c) { return c.value("/model/preset"_json_pointer, std::string()); };
  const auto pixels = [](const face::InputSpec& spec) { return fmt::format("{}×{} pixels", spec.width, spec.height); };
  if (preset(theirs.config) == preset(config)) return;
  fail_input(fmt::format("{}: weights of model.preset = {} ({}); this run has model.preset = {} ({}).", report.origin,
                         preset(theirs.config), pixels(theirs.facts.input), preset(config), pixels(input)),
             fmt::format("Set model.preset={} and input.size={}, or begin with other weights.", preset(theirs.config),
                         theirs.facts.input.width));
}

/// The run's initial weights from a mien run or a foreign file, with a report of the tensors that fitted.
void begin_from(const Program& program, const TrainArguments& arguments, const Json& config, method::Method& method) {
  const auto rules = method.import_rules();
  auto file = nn::read_weights(train::checkpoint_path(arguments.init), rules.containers, arguments.entry, rules.parts,
                               method::fit_of(method, arguments.strip));
  if (train::is_checkpoint(file.file.metadata)) file.file.tensors = train::without_bookkeeping(file.file.tensors);
  const auto report = method::import_weights(method, file, arguments.strip);
  if (!arguments.lenient) require_same_preset(file, report, config, method.facts().input);
  for (const auto& line : method::describe(report)) program.say(line);
  if (!arguments.lenient) method::require_complete(report, fmt::format("the network of {}", method.info().name));
}

int resume(Program& program, const TrainArguments& arguments) {
  if (!arguments.config.empty() || !arguments.sets.empty() || !arguments.init.empty())
    fail_usage(
        "--resume cannot be combined with a config, --set or --init: a resumed run keeps its configuration and its "
        "schedule.",
        "For other settings, start a new run; --init RUN starts it from the weights of this one.");
  require_file(arguments.resume, "run");
  check_input(
      path_is_folder(arguments.resume),
      fmt::format("{}: this is a file; a run is resumed by its folder, which contains last.safetensors.",
                  arguments.resume),
      "Give that folder (runs/train/<name>). A best checkpoint or an exported model has no optimiser state: use --init "
      "to start from a checkpoint's weights.");
  const train::RunFolder folder{fs::path(arguments.resume)};
  if (!path_exists(folder.last()))
    throw Error(ErrorKind::missing, fmt::format("{}: no checkpoint to resume from.", folder.last().string()),
                "Give the folder of a run (runs/train/<name>).");
  const FolderLock lock(folder.path());
  const auto metadata = nn::read_safetensors(folder.last()).metadata;
  const auto info = train::info_from(metadata, folder.last().string());
  auto config = train::RunConfig::from_json(info.config, folder.last().string(), methods::make_config);
  if (!arguments.device.empty()) config.train().device = arguments.device;
  const auto pack = std::make_shared<const pack::Pack>(config.train().pack);
  check_same_data(*pack, info.provenance.data_hash, folder.path());
  auto method = config.build(info.facts);
  train::Trainer trainer(*method, config.train(), info, pack, folder, talk(program, folder, info.provenance));
  trainer.resume();
  return run(program, trainer, folder, info.provenance);
}

int start(Program& program, const TrainArguments& arguments) {
  const bool is_about_init = arguments.lenient || !arguments.entry.empty() || !arguments.strip.empty();
  if (is_about_init && arguments.init.empty()) fail_usage("--lenient, --entry and --strip need --init FILE.");
  if (arguments.config.empty())
    fail_usage("train needs a configuration file.", "For example: mien train configs/dan/ferplus.toml");
  auto config = train::RunConfig::from_file(arguments.config, arguments.sets, methods::make_config);
  if (!arguments.device.empty()) config.train().device = arguments.device;
  if (config.train().pack.empty())
    fail_usage(arguments.config + ": data.pack is empty.",
               "Add --set data.pack=FILE. Create a pack with 'mien data pack'.");
  const auto pack = std::make_shared<const pack::Pack>(config.train().pack);
  check_parts(*pack);
  method::DataFacts facts{pack->info().classes,
                          train::input_spec(config.train(), pack->info().channels, pack->info().width)};
  if (pack->info().placement == pack::Placement::letterbox) facts.input.kind = face::InputKind::picture;
  // Faces cut by mien record their geometry; ready-made crops have that of FER+, the measured default.
  if (const Json crop = pack->info().provenance.value("crop", Json()); crop.is_object())
    facts.input.crop = face::crop_rule_from_json(crop, pack->path().string());
  const auto seed = static_cast<std::uint64_t>(config.train().seed);
  nn::seed_everything(seed);  // constructors draw numbers too, and LibTorch's initial seed differs between processes
  auto method = config.build(facts);
  method->initialise(seed);
  if (!arguments.init.empty()) begin_from(program, arguments, config.resolved(), *method);
  const auto folder = train::RunFolder::create(fs::path("runs") / "train", run_name(config.train()));
  const FolderLock lock(folder.path());
  train::CheckpointInfo info{config.resolved(), facts, provenance_of(*pack, config.train(), program.command_line())};
  info.provenance.recipe = fs::path(arguments.config).stem().string();
  info.provenance.lineage = lineage_of(arguments, info.config);
  folder.record_start(info.config, program.command_line(), train::this_environment());
  program.say(fmt::format("run {}  page: {}", folder.path().string(), (folder.path() / "report.html").string()));
  try {
    train::Trainer trainer(*method, config.train(), info, pack, folder, talk(program, folder, info.provenance));
    return run(program, trainer, folder, info.provenance);
  } catch (const Error& error) {
    // A run refused before its first step leaves no files; a failed one keeps its record.
    if (error.kind() != ErrorKind::failed && folder.is_untrained()) remove_quietly(folder.path());
    throw;
  }
}

}  // namespace

void add_train(Program& program) {
  auto arguments = std::make_shared<TrainArguments>();
  CLI::App* command = program.command("train", "Train a method from a configuration file", [&program, arguments] {
    return arguments->resume.empty() ? start(program, *arguments) : resume(program, *arguments);
  });
  command->add_option("config", arguments->config, "Configuration file (TOML), for example configs/dan/ferplus.toml")
      ->type_name("CONFIG");
  command->add_option("--set", arguments->sets, "Change one value: section.key=value; can be repeated")
      ->allow_extra_args(false);
  command
      ->add_option("--resume", arguments->resume,
                   "Folder of an interrupted run; training continues exactly where it stopped")
      ->type_name("DIR");
  command
      ->add_option("--init", arguments->init,
                   "Initial weights: a run folder, a checkpoint, or a published file (.safetensors, .pth, .pt)")
      ->type_name("RUN");
  command->add_option("--entry", arguments->entry,
                      "With --init: dictionary in the file that contains the weights, if it is not detected");
  command
      ->add_option("--strip", arguments->strip,
                   "With --init: prefix to remove from the file's keys, if it is not detected; can be repeated")
      ->allow_extra_args(false);
  command->add_flag("--lenient", arguments->lenient,
                    "With --init: load what fits by name and shape and leave the rest as initialised");
  command->add_option("--device", arguments->device, "cpu, cuda or cuda:N; overrides train.device")
      ->type_name(choice_type("DEVICE", {"cpu", "cuda"}));
}

}  // namespace mien::app
