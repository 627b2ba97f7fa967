// SPDX-License-Identifier: Apache-2.0
#include "mien/app/program.h"

#include <fmt/core.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <memory>

#include "mien/app/usage.h"
#include "mien/base/command.h"
#include "mien/base/exception.h"
#include "mien/base/standard_streams.h"
#include "mien/base/version.h"

namespace mien::app {

Program::Program(std::string name, std::string purpose) : app_(std::move(purpose), std::move(name)) {
  app_.set_version_flag("--version", mien::version() + " (" + git_revision() + ")");
  app_.add_flag("--verbose", verbose_, "Print the source location of each error");
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
  // CLI11 calls the innermost command first: in `methods show NAME`, show is the command to run.
  sub->callback([this, body = std::move(body)] {
    if (!chosen_) chosen_ = body;
  });
  return sub;
}

void Program::add_json_flag(CLI::App* sub) { sub->add_flag("--json", json_, "Result (and error) as JSON on stdout"); }

void Program::add_overwrite_flag(CLI::App* sub) {
  sub->add_flag("--overwrite", overwrite_, "Replace existing files that mien did not write");
}

void Program::say(const std::string& line) const {
  std::cerr << line + "\n" << std::flush;
  if (heartbeat_) heartbeat_->was_said();
}

ProgressSink Program::progress() const {
  using Clock = std::chrono::steady_clock;
  struct State {
    Clock::time_point last{};
    bool terminal = isatty(STDERR_FILENO) != 0;
  };
  auto state = std::make_shared<State>();
  return [state, this](const ProgressReport& report) {
    const bool finished = report.total > 0 && report.done >= report.total;
    const auto now = Clock::now();
    const auto gap = state->terminal ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10000);
    if (!finished && now - state->last < gap) return;
    state->last = now;
    std::string line = report.what + " " + std::to_string(report.done);
    if (report.total > 0) line += "/" + std::to_string(report.total);
    if (!report.detail.empty()) line += "  " + report.detail;
    if (heartbeat_) heartbeat_->was_said();
    std::cerr << (state->terminal ? "\r\033[K" : "") << line << (state->terminal && !finished ? "" : "\n")
              << std::flush;
  };
}

int report(const Error& error, bool json, bool verbose) {
  if (json) {
    const Json body = {{"kind", to_string(error.kind())},
                       {"message", error.message()},
                       {"where", error.where()},
                       {"remedy", error.remedy()}};
    std::cout << compact({{"error", body}}) << std::endl;
  }
  std::string line = "mien: " + error.message();
  if (!error.remedy().empty()) line += " " + error.remedy();
  if (verbose) line += " [" + error.where() + "]";
  std::cerr << line << std::endl;
  return exit_code(error.kind());
}

namespace {

/// For exceptions that no handler can catch: those in other threads, and those that leave a noexcept function.
[[noreturn]] void end_with_sentence() {
  if (std::current_exception()) {
    try {
      throw;
    } catch (...) {
      report(current_error(), /*json=*/false, /*verbose=*/false);
    }
  }
  std::_Exit(exit_code(ErrorKind::failed));
}

}  // namespace

int run_guarded(const std::function<int()>& body) {
  prepare_standard_streams();
  std::set_terminate(end_with_sentence);
  try {
    const int code = body();
    std::cout.flush();
    return code;
  } catch (const std::ios_base::failure&) {
    const auto failure = output_failure();
    if (!failure) return kClosedPipeCode;
    return report(Error(ErrorKind::failed, *failure, "Free some space, or send the output to another place."),
                  /*json=*/false, /*verbose=*/false);
  } catch (...) {
    return report(current_error(), /*json=*/false, /*verbose=*/false);
  }
}

int Program::refuse(const CLI::ParseError& error, const std::vector<std::string>& arguments) {
  if (error.get_exit_code() == 0) return app_.exit(error);  // --help, --version
  for (const auto& word : arguments) json_ = json_ || word == "--json";
  if (arguments.size() == 1) {  // no command: list the commands
    std::cerr << app_.help() << std::flush;
    return exit_code(ErrorKind::usage);
  }
  return report(usage_error(app_, error, arguments), json_, verbose_);
}

int Program::run_chosen(const std::vector<std::string>& arguments) {
  if (!isatty(STDERR_FILENO))
    heartbeat_ = std::make_unique<Heartbeat>([what = arguments.at(1)](std::chrono::seconds since_begin) {
      std::cerr << fmt::format("{}: still working after {} s\n", what, since_begin.count()) << std::flush;
    });
  const int code = chosen_();
  heartbeat_.reset();
  return code;
}

int Program::run(const std::vector<std::string>& arguments) {
  for (const auto& word : arguments) command_line_ += (command_line_.empty() ? "" : " ") + shell_quote(word);
  install_interrupt_handler();
  try {
    try {
      std::vector<std::string> reversed(arguments.rbegin(), arguments.rend() - 1);  // the order that CLI11 expects
      app_.parse(std::move(reversed));
    } catch (const CLI::ParseError& error) {
      return refuse(error, arguments);
    }
    return chosen_ ? run_chosen(arguments) : 0;
  } catch (const std::ios_base::failure&) {
    throw;  // output that cannot be written: an error in JSON could not be written either
  } catch (...) {
    return report(current_error(), json_, verbose_);
  }
}

}  // namespace mien::app
