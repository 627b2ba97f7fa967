// SPDX-License-Identifier: Apache-2.0
// mien completion SHELL and mien man: completion scripts and the manual page, from the commands of both programs.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <memory>
#include <utility>
#include <vector>

#include "mien/app/commands.h"
#include "mien/app/completion/completion.h"
#include "mien/app/program.h"
#include "mien/base/command.h"
#include "mien/base/program_file.h"
#include "mien/base/text.h"
#include "mien/base/version.h"
#include "mien/base/words.h"
#include "mien/runtime/assets.h"

namespace mien::app {
namespace {

/// What mien-lab prints about its commands; empty if it is not installed.
std::string tree_of_lab() {
  const auto lab = program_file().parent_path() / "mien-lab";
  std::string out;
  std::error_code ignored;
  if (!std::filesystem::exists(lab, ignored)) return out;
  FILE* pipe = ::popen((shell_quote(lab.string()) + " " + kTreeCommand + " 2>/dev/null").c_str(), "r");
  if (!pipe) return out;
  char block[4096];
  for (std::size_t count = 0; (count = std::fread(block, 1, sizeof block, pipe)) > 0;) out.append(block, count);
  if (::pclose(pipe) != 0) out.clear();
  return out;
}

/// The commands that ./mien of a source tree carries out itself; an installation has no such script. Its --help must
/// work before anything is built, so the text is stored here (tests/system/completion_script.case compares the names).
std::vector<CommandInfo> script_commands() {
  std::error_code ignored;
  if (!std::filesystem::exists(std::filesystem::path(MIEN_SOURCE_DIR) / "mien", ignored)) return {};
  CommandInfo setup{"setup", "Only install and build", {}, {}, {}};
  setup.arguments = {{{"part"}, "What to prepare", {ValueKind::choice, "PART", {"predict", "train", "test"}}, false}};
  CommandInfo test{"test", "Install, build and run the tests", {}, {}, {}};
  test.options = {{{"--full"}, "Including slow tests", {}, false}};
  const CommandInfo package{"package", "Build an archive for machines without compilers", {}, {}, {}};
  return {setup, test, package};
}

/// The commands of mien, with the options of those that it passes to mien-lab.
CommandInfo whole_tree(Program& program) {
  CommandInfo tree = command_tree(program.app());
  const std::string printed = tree_of_lab();
  if (printed.empty()) return tree;
  const CommandInfo lab = command_info(parse_json(printed, "mien-lab"), "mien-lab");
  for (auto& command : tree.commands) {
    if (command.options.size() > 1 || !command.commands.empty()) continue;  // more than --help: mien's own
    for (const auto& other : lab.commands)
      if (other.name == command.name) command = other;
  }
  return tree;
}

int print_completion(Program& program, const std::string& name, bool is_installed) {
  std::vector<std::string> models;
  for (const auto& file : runtime::expression_models(MIEN_SOURCE_DIR)) models.push_back(file.stem().string());
  CommandInfo tree = whole_tree(program);
  if (!is_installed)
    for (auto& command : script_commands()) tree.commands.push_back(std::move(command));
  std::cout << completion_script(*from_word<Shell>(name), tree, models);
  return 0;
}

/// Today, or the date that a reproducible build gives.
std::string page_date() {
  const char* given = std::getenv("SOURCE_DATE_EPOCH");
  const auto seconds = given ? parse_int(given) : std::nullopt;
  const std::time_t time = seconds ? static_cast<std::time_t>(*seconds) : std::time(nullptr);
  std::tm day{};
  ::gmtime_r(&time, &day);
  char out[sizeof "2026-01-01"];
  return {out, std::strftime(out, sizeof out, "%Y-%m-%d", &day)};
}

int print_manual(Program& program) {
  std::cout << manual_page(whole_tree(program), version(), page_date());
  return 0;
}

}  // namespace

void add_completion(Program& program) {
  auto name = std::make_shared<std::string>();
  auto is_installed = std::make_shared<bool>(false);
  CLI::App* command =
      program.command("completion", "Print a script that completes commands, options and their values",
                      [&program, name, is_installed] { return print_completion(program, *name, *is_installed); });
  command
      ->add_option("shell", *name,
                   "Shell of the script. bash: eval \"$(mien completion bash)\" in ~/.bashrc; zsh: source <(mien "
                   "completion zsh) in ~/.zshrc, after compinit; fish: mien completion fish > "
                   "~/.config/fish/completions/mien.fish")
      ->required()
      ->check(CLI::IsMember(all_words<Shell>()));
  command->add_flag("--installed", *is_installed)->group("");  // for the package: without the commands of ./mien
  program.command("man", "Print the manual page; to read it: mien man | man -l -",
                  [&program] { return print_manual(program); });
}

}  // namespace mien::app
