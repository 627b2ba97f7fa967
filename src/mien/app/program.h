// SPDX-License-Identifier: Apache-2.0
// What the two programs share: options for all commands, errors as sentences or JSON, exit codes.
// A command file parses, calls one library function, prints; it registers itself by add_<command>(Program&).
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include "mien/base/json.h"
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

  bool json() const { return json_; }
  void set_json(bool on) { json_ = on; }
  bool verbose() const { return verbose_; }
  const std::string& command_line() const { return command_line_; }  ///< as typed, for run records

  /// Talk to the user: stderr, one line, in ordinary text.
  void say(const std::string& line) const;
  /// A progress line: rewritten in place on a terminal, else at most one every ten seconds.
  ProgressSink progress() const;

  int run(int argc, char** argv);
  CLI::App& app() { return app_; }

 private:
  int usage_error(const CLI::ParseError& error, int argc, char** argv);

  CLI::App app_;
  bool json_ = false;
  bool verbose_ = false;
  std::string command_line_;
  std::function<int()> chosen_;
};

/// Prints an exception in the program's mode and gives its exit code.
int report(const std::exception& error, bool json, bool verbose);

}  // namespace mien::app
