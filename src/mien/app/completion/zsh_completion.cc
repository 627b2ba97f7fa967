// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "mien/app/completion/completion.h"
#include "mien/base/command.h"
#include "mien/base/text.h"

namespace mien::app {
namespace {

constexpr const char* kZshHead = R"script(#compdef mien
# SPDX-License-Identifier: Apache-2.0
# Completion of mien for zsh, written by 'mien completion zsh'.
)script";

/// Source it, or put it into a folder of $fpath as _mien: the file is then the function.
constexpr const char* kZshEnd = R"script(
if [[ $funcstack[1] == _mien ]]; then
  _mien "$@"
else
  compdef _mien mien
fi
)script";

/// With a backslash before each character that separates the parts of a specification.
std::string zsh_escaped(const std::string& words) {
  std::string out;
  for (const char c : words) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string zsh_function_name(const std::string& path) {
  std::string name = "_mien" + (path.empty() ? "" : "_" + path);
  std::replace(name.begin(), name.end(), ' ', '_');
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

/// The action of _arguments.
std::string zsh_action(const ValueInfo& value) {
  switch (value.kind) {
    case ValueKind::choice:
      return "(" + join(value.choices, " ") + ")";
    case ValueKind::model:
      return "__mien_model_names";
    case ValueKind::file:
      return "_files";
    case ValueKind::folder:
      return "_files -/";
    case ValueKind::text:
    case ValueKind::none:
      break;
  }
  return " ";
}

/// (-o --out)-o[help]:DIR:_files -/
std::string zsh_option(const OptionInfo& option) {
  const std::string others = option.is_repeated ? "*" : "(" + join(option.names, " ") + ")";
  std::string lines;
  for (const auto& name : option.names) {
    const bool is_flag = option.value.kind == ValueKind::none;
    const std::string ending = !is_flag && name.starts_with("--") ? "=" : "";
    const std::string value = is_flag ? "" : ":" + zsh_escaped(option.value.name) + ":" + zsh_action(option.value);
    lines += " \\\n    " + shell_quote(others + name + ending + "[" + zsh_escaped(option.help) + "]" + value);
  }
  return lines;
}

std::string zsh_function(const std::string& path, const CommandInfo& command) {
  std::string out = "\n" + zsh_function_name(path) + "() {\n";
  if (!command.commands.empty()) out += "  local context state state_descr line\n  typeset -A opt_args\n";
  out += "  _arguments -s -S -C";
  for (const auto& option : command.options) out += zsh_option(option);
  if (command.commands.empty()) {
    if (!command.arguments.empty()) {
      const auto& argument = command.arguments.front();
      out += " \\\n    " + shell_quote("*:" + zsh_escaped(argument.names.front()) + ":" + zsh_action(argument.value));
    }
    return out + "\n}\n";
  }
  out +=
      " \\\n    '1: :->command' \\\n    '*:: :->rest'\n  case $state in\n    command)\n      local -a commands\n      "
      "commands=(\n";
  for (const auto& sub : command.commands)
    out += "        " + shell_quote(zsh_escaped(sub.name) + ":" + sub.help) + "\n";
  out += "      )\n      _describe -t commands command commands ;;\n    rest)\n      case $words[1] in\n";
  for (const auto& sub : command.commands)
    out += "        " + sub.name + ") " + zsh_function_name(path.empty() ? sub.name : path + " " + sub.name) + " ;;\n";
  return out + "      esac ;;\n  esac\n}\n";
}

}  // namespace

std::string zsh_completion(const CommandInfo& program, const std::vector<std::string>& models) {
  std::string out = kZshHead;
  out += "\n__mien_model_names() {\n  _alternative 'models:model:(" + join(models, " ") + ")' 'files:file:_files'\n}\n";
  for (const auto& [path, command] : all_commands(program)) out += zsh_function(path, *command);
  return out + kZshEnd;
}

}  // namespace mien::app
