// SPDX-License-Identifier: Apache-2.0
#include "mien/app/usage.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>

#include "mien/base/command.h"
#include "mien/base/text.h"

namespace mien::app {
namespace {

/// Other programs' names for our options; the first option that the command has is suggested.
const std::vector<std::vector<std::string>> kSynonyms = {
    {"-o", "--out", "--output", "--outdir", "--out-dir", "--output-dir", "--save-dir", "--project", "--dest"},
    {"-m", "--model", "--weights", "--checkpoint", "--ckpt", "--network"},
    {"-f", "-y", "--overwrite", "--force", "--yes", "--clobber", "--exist-ok", "--exist_ok"},
    {"-j", "-t", "--threads", "--jobs", "--workers", "--num-workers", "--num_workers", "--cpus"},
    {"--min-score", "--conf", "--confidence", "--conf-thres", "--threshold", "--score"},
    {"-d", "--data", "--dataset", "--pack"},
    {"--explain", "--heatmap", "--gradcam", "--cam", "--saliency"},
    {"--report", "--html"},
};

/// Options of other programs without a counterpart here, and what to do instead.
struct Habit {
  std::vector<std::string> words;
  const char* way;
};
const std::vector<Habit> kHabits = {
    {{"-i", "--input", "--inputs", "--source", "--image", "--images", "--img", "--file", "--files"},
     "Files and folders are given without an option."},
    {{"-q", "--quiet", "--silent", "-s"}, "Results go to stdout and everything else to stderr: append 2>/dev/null."},
    {{"-v", "--debug"}, "Use --verbose, which prints the source location of each error."},
    {{"-r", "-R", "--recursive"}, "Folders are always read with their subfolders: remove this option."},
    {{"--gpu", "--cuda", "--use-gpu"}, "For runs, use --device cuda; exported models run on the processor."},
    {{"--epochs", "--lr", "--learning-rate", "--batch-size", "--batch", "--seed"},
     "Change fields of the configuration with --set, as in --set train.epochs=10; 'mien methods show NAME' lists the "
     "fields."},
    {{"--show", "--view", "--display"}, "Add --out DIR and open the annotated pictures."},
    {{"--csv", "--jsonl", "--txt", "--save-txt"}, "Use --format csv or --format jsonl and redirect stdout to a file."},
};

std::vector<std::string> shown_options(const CLI::App* command) {
  std::vector<std::string> names;
  for (; command; command = command->get_parent())
    for (const CLI::Option* option : command->get_options()) {
      if (option->get_group().empty()) continue;  // not in --help
      for (const auto& name : option->get_lnames())
        if (std::find(names.begin(), names.end(), "--" + name) == names.end()) names.push_back("--" + name);
      for (const auto& name : option->get_snames()) names.push_back("-" + name);
    }
  return names;
}

std::vector<std::string> command_names(const CLI::App* app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app->get_subcommands([](const CLI::App*) { return true; }))
    if (!sub->get_group().empty()) names.push_back(sub->get_name());
  return names;
}

const CLI::App* deepest_parsed(const CLI::App* app) {
  for (const CLI::App* sub : app->get_subcommands()) return deepest_parsed(sub);
  return app;
}

bool contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_option(const std::string& word) {
  return word.size() > 1 && word.front() == '-' && word != "--" && !parse_double(word);
}

bool is_known(const CLI::App* command, const std::string& word) {
  for (; command; command = command->get_parent())
    if (command->get_option_no_throw(word)) return true;
  return false;
}

std::string way_for_option(const std::string& word, const std::vector<std::string>& options) {
  for (const auto& group : kSynonyms) {
    if (!contains(group, word)) continue;
    for (const auto& other : group)
      if (other.starts_with("--") && contains(options, other)) return fmt::format("Use {}.", other);
  }
  for (const auto& habit : kHabits)
    if (contains(habit.words, word)) return habit.way;
  std::vector<std::string> offered;
  for (const auto& option : options)
    if (option.starts_with("--")) offered.push_back(option);
  return did_you_mean(word, offered);
}

/// What to type for a file or folder that was given without a command.
std::optional<std::string> way_for_file(const std::string& word) {
  std::error_code ignored;
  const std::string ending = lower(std::filesystem::path(word).extension().string());
  if (!std::filesystem::exists(word, ignored) && ending.empty() && word.find_first_of("/*?") == std::string::npos)
    return std::nullopt;
  const std::string file = shell_quote(word);
  if (ending == ".onnx")
    return fmt::format("For this model: mien predict --model {} PICTURE, or mien eval {} --data PACK", file, file);
  if (ending == ".toml") return fmt::format("To train with it: mien train {}", file);
  if (ending == ".pack" || ending == ".zip" || ending == ".csv")
    return fmt::format("To check it: mien data check {}", file);
  if (ending == ".safetensors") return fmt::format("To evaluate it: mien eval {}", file);
  if (ending == ".pth" || ending == ".pt")
    return fmt::format("To import it: mien import {} --method NAME -o FILE.safetensors", file);
  return fmt::format("To recognise the faces in it: mien predict {}", file);
}

}  // namespace

std::vector<std::string> usual_arguments(int argc, char** argv) {
  std::vector<std::string> words(argv, argv + argc);
  if (words.empty()) words.emplace_back("mien");  // started by a program that gives no name
  for (auto& word : words)
    if (word == "-help" || word == "-?") word = "--help";
  if (words.size() == 2 && contains({"version", "-V", "-v", "-version"}, words[1])) words[1] = "--version";
  if (words.size() > 1 && words[1] == "help") {
    words.erase(words.begin() + 1);
    words.push_back("--help");
  }
  return words;
}

std::string command_path(const CLI::App* command) {
  const CLI::App* parent = command->get_parent();
  return parent ? command_path(parent) + " " + command->get_name() : command->get_name();
}

Error usage_error(const CLI::App& program, const CLI::ParseError& error, const std::vector<std::string>& arguments) {
  const CLI::App* where = deepest_parsed(&program);
  const std::string path = command_path(where);
  const std::string help = fmt::format("See '{} --help'.", path);
  const std::string first = arguments.size() > 1 ? arguments[1] : "";
  const bool is_unknown =
      dynamic_cast<const CLI::ExtrasError*>(&error) || dynamic_cast<const CLI::RequiredError*>(&error);
  for (std::size_t i = 1; is_unknown && i < arguments.size(); ++i) {
    const std::string word = arguments[i].substr(0, arguments[i].find('='));
    if (is_option(word) && !is_known(where, word))
      return Error(ErrorKind::usage, fmt::format("Unknown option {} for '{}'.", quote(word), path),
                   way_for_option(word, shown_options(where)));
    const auto commands = command_names(where);
    if (commands.empty() || is_option(word) || !where->get_subcommands().empty() || word == where->get_name()) continue;
    const auto near = nearest(word, commands);
    const auto way = near ? std::nullopt : way_for_file(arguments[i]);
    return Error(ErrorKind::usage, fmt::format("Unknown command {}.", quote(arguments[i])),
                 way ? *way : did_you_mean(word, commands));
  }
  return Error(ErrorKind::usage, fmt::format("{}: {}.", path, trim(error.what())), help);
}

}  // namespace mien::app
