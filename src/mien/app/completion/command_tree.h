// SPDX-License-Identifier: Apache-2.0
// The commands of a program with their options, as the parser knows them: the source of the shell completions and of
// the manual page. The type name of an option decides what its value is: "DIR", "FILE", "MODEL", or "NAME:{a,b}".
#pragma once

#include <CLI/App.hpp>
#include <array>
#include <string>
#include <vector>

#include "mien/base/json.h"

namespace mien::app {

enum class ValueKind { none, text, choice, model, file, folder };
constexpr auto words_of(ValueKind) { return std::array{"none", "text", "choice", "model", "file", "folder"}; }

struct ValueInfo {
  ValueKind kind = ValueKind::none;  ///< none: a flag
  std::string name;                  ///< "DIR"; "" for flags
  std::vector<std::string> choices;  ///< of ValueKind::choice
};

struct OptionInfo {
  std::vector<std::string> names;  ///< as typed: "-o", "--out"; of an argument without dashes its one name
  std::string help;
  ValueInfo value;
  bool is_repeated = false;
};

struct CommandInfo {
  std::string name, help;
  std::vector<OptionInfo> options, arguments;
  std::vector<CommandInfo> commands;
};

/// "DIR", "NAME,…:{a,b}=a" or "INT:INT in [1 - 8]" as a kind of value. FILE, IMAGE, PACK and PATH are files, RUN is a
/// file or folder, MODEL is the name or the file of a model.
ValueInfo value_info(const std::string& type_name);

/// What --help shows of `app` and its subcommands; hidden options and commands are left out.
CommandInfo command_tree(const CLI::App& app);

/// The tree of another program, which prints it as JSON.
Json to_json(const CommandInfo& command);
CommandInfo command_info(const Json& json, const std::string& origin);

/// A command with the words that lead to it: "", "data", "data pack".
struct CommandAt {
  std::string path;
  const CommandInfo* command = nullptr;
};
/// `root` and everything below it, parents first.
std::vector<CommandAt> all_commands(const CommandInfo& root);

}  // namespace mien::app
