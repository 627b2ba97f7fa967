// SPDX-License-Identifier: Apache-2.0
#include "mien/app/program.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/base/version.h"

namespace mien::app {
namespace {

/// "--formt" from CLI11's sentence or the arguments: the first option that no command on the way knows.
std::vector<std::string> option_names(const CLI::App* app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app->get_options())
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
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

}  // namespace

Program::Program(std::string name, std::string purpose) : app_(std::move(purpose), std::move(name)) {
  app_.set_version_flag("--version", mien::version() + " (" + git_revision() + ")");
  app_.add_flag("--verbose", verbose_, "Name the place in the source with each error");
  app_.require_subcommand(1);
  app_.fallthrough();
  app_.get_formatter()->column_width(36);
}

CLI::App* Program::command(const std::string& name, const std::string& help, std::function<int()> body) {
  return command(&app_, name, help, std::move(body));
}

CLI::App* Program::command(CLI::App* parent, const std::string& name, const std::string& help,
                           std::function<int()> body) {
  CLI::App* sub = parent->add_subcommand(name, help);
  sub->fallthrough();
  if (!body) return sub;
  // CLI11 calls the innermost command first: in `methods show NAME`, show is the one that was meant.
  sub->callback([this, body = std::move(body)] {
    if (!chosen_) chosen_ = body;
  });
  return sub;
}

void Program::add_json_flag(CLI::App* sub) { sub->add_flag("--json", json_, "Result (and error) as JSON on stdout"); }

void Program::say(const std::string& line) const { std::cerr << line << std::endl; }

ProgressSink Program::progress() const {
  using Clock = std::chrono::steady_clock;
  struct State {
    Clock::time_point last{};
    bool terminal = isatty(STDERR_FILENO) != 0;
  };
  auto state = std::make_shared<State>();
  return [state](const ProgressReport& report) {
    const bool finished = report.total > 0 && report.done >= report.total;
    const auto now = Clock::now();
    const auto gap = state->terminal ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10000);
    if (!finished && now - state->last < gap) return;
    state->last = now;
    std::string line = report.what + " " + std::to_string(report.done);
    if (report.total > 0) line += "/" + std::to_string(report.total);
    if (!report.detail.empty()) line += "  " + report.detail;
    std::cerr << (state->terminal ? "\r\033[K" : "") << line << (state->terminal && !finished ? "" : "\n")
              << std::flush;
  };
}

int report(const std::exception& error, bool json, bool verbose) {
  const auto* known = dynamic_cast<const Error*>(&error);
  const bool no_memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
  const ErrorKind kind = known ? known->kind() : ErrorKind::failed;
  const std::string message = known ? known->message() : no_memory ? "Out of memory." : error.what();
  if (json) {
    Json body = {{"kind", to_string(kind)},
                 {"message", message},
                 {"where", known ? known->where() : ""},
                 {"remedy", known ? known->remedy() : ""}};
    std::cout << compact({{"error", body}}) << std::endl;
  }
  std::string line = "mien: " + message;
  if (known && !known->remedy().empty()) line += " " + known->remedy();
  if (verbose && known) line += " [" + known->where() + "]";
  std::cerr << line << std::endl;
  return exit_code(kind);
}

int Program::usage_error(const CLI::ParseError& error, int argc, char** argv) {
  if (error.get_exit_code() == 0) return app_.exit(error);  // --help, --version
  for (int i = 1; i < argc; ++i) json_ = json_ || std::string_view(argv[i]) == "--json";
  const CLI::App* where = deepest_parsed(&app_);
  std::string message = text(where->get_name(), ": ", trim(error.what()), ".");
  std::string remedy =
      text("See '", where == &app_ ? app_.get_name() : app_.get_name() + " " + where->get_name(), " --help'.");
  if (dynamic_cast<const CLI::ExtrasError*>(&error) || dynamic_cast<const CLI::RequiredError*>(&error)) {
    for (int i = 1; i < argc; ++i) {
      const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
      const auto options = option_names(where);
      if (word.starts_with("--") && std::find(options.begin(), options.end(), word) == options.end() && word != "--") {
        message = text("Unknown option ", quote(word), " for '", where->get_name(), "'.");
        remedy = did_you_mean(word, options);
        break;
      }
      const auto commands = command_names(where);
      if (!commands.empty() && !word.starts_with("-") && where->get_subcommands().empty() &&
          word != where->get_name()) {
        message = text("Unknown command ", quote(word), ".");
        remedy = did_you_mean(word, commands);
        break;
      }
    }
  }
  return report(Error(ErrorKind::usage, message, remedy), json_, verbose_);
}

int Program::run(int argc, char** argv) {
  for (int i = 0; i < argc; ++i) command_line_ += (i ? " " : "") + std::string(argv[i]);
  install_interrupt_handler();
  try {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      return usage_error(error, argc, argv);
    }
    return chosen_ ? chosen_() : 0;
  } catch (const std::exception& error) {
    return report(error, json_, verbose_);
  }
}

}  // namespace mien::app
