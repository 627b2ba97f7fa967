// SPDX-License-Identifier: Apache-2.0
// Common code of the two programs: options for all commands, errors as sentences or JSON, exit codes.
// A command file parses, calls one library function, prints; it registers itself by add_<command>(Program&).
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mien/app/heartbeat.h"
#include "mien/base/error.h"
#include "mien/base/json.h"
#include "mien/base/output_guard.h"
#include "mien/base/progress.h"

namespace mien::app {

class Program {
 public:
  Program(std::string name, std::string purpose);

  /// Adds `name` with a sentence of help. `body` runs when the command was chosen and returns the exit code; errors
  /// that it throws become one line on stderr (or a JSON object on stdout in JSON mode).
  CLI::App* command(const std::string& name, const std::string& help, std::function<int()> body);
  CLI::App* command(CLI::App* parent, const std::string& name, const std::string& help, std::function<int()> body);
  /// `--json` for this command: sets the JSON mode for results and errors.
  void add_json_flag(CLI::App* command);
  /// `--overwrite` for this command, used by output_guard().
  void add_overwrite_flag(CLI::App* command);
  /// Compares what the command reads with what it writes, before any work is done; `command` as typed: "data pack".
  OutputGuard output_guard(std::string command) const { return OutputGuard(std::move(command), overwrite_); }

  bool json() const { return json_; }
  void set_json(bool on) { json_ = on; }
  bool verbose() const { return verbose_; }
  const std::string& command_line() const { return command_line_; }  ///< as typed, quoted for a shell; for run records

  /// Message to the user: stderr, one line, plain text. Thread-safe.
  void say(const std::string& line) const;
  /// A progress line: rewritten in place on a terminal, otherwise one at the start, one every ten seconds and one at
  /// the end.
  ProgressSink progress() const;

  /// Parses and runs; `arguments` with the program's name, see usual_arguments (usage.h). Returns the exit code.
  int run(const std::vector<std::string>& arguments);
  CLI::App& app() { return app_; }

 private:
  int run_chosen(const std::vector<std::string>& arguments);
  int refuse(const CLI::ParseError& error, const std::vector<std::string>& arguments);

  CLI::App app_;
  bool json_ = false;
  bool verbose_ = false;
  bool overwrite_ = false;
  std::string command_line_;
  std::function<int()> chosen_;
  std::unique_ptr<Heartbeat> heartbeat_;  ///< while a command runs without a terminal
};

/// Prints an error in the program's mode and returns its exit code.
int report(const Error& error, bool json, bool verbose);

/// The return value of main: the exit code of `body`. Exceptions, and output that cannot be written, become error
/// messages. Prepares the standard streams.
int run_guarded(const std::function<int()>& body);

}  // namespace mien::app
