// SPDX-License-Identifier: Apache-2.0
#include "mien/app/completion/completion.h"
#include "mien/base/text.h"

namespace mien::app {
namespace {

constexpr const char* kFishHead = R"script(# SPDX-License-Identifier: Apache-2.0
# Completion of mien for fish, written by 'mien completion fish'.

function __mien_is --description 'whether the words before the cursor choose this command'
    set -l command ''
    for word in (commandline -opc)[2..]
        set -l longer (string trim -- "$command $word")
        if contains -- $longer $__mien_commands
            set command $longer
        end
    end
    test "$command" = "$argv[1]"
end

)script";

/// In single quotes, where fish knows two escapes.
std::string fish_quoted(const std::string& words) {
  std::string out = "'";
  for (const char c : words) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string fish_option_flags(const OptionInfo& option) {
  std::string out;
  for (const auto& name : option.names)
    out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
  return out;
}

/// The possible values of an option: -F file names, -a words.
std::string fish_argument_flags(const ValueInfo& value, const std::vector<std::string>& models) {
  switch (value.kind) {
    case ValueKind::choice:
      return " -a " + fish_quoted(join(value.choices, " "));
    case ValueKind::model:
      return " -F -a " + fish_quoted(join(models, " "));
    case ValueKind::file:
      return " -F";
    case ValueKind::folder:
      return " -a '(__fish_complete_directories)'";
    case ValueKind::text:
    case ValueKind::none:
      break;
  }
  return "";
}

/// The same for an option: -r with, -x without file names.
std::string fish_value_flags(const ValueInfo& value, const std::vector<std::string>& models) {
  if (value.kind == ValueKind::none) return "";
  const bool takes_files = value.kind == ValueKind::file || value.kind == ValueKind::model;
  return (takes_files ? " -r" : " -x") + fish_argument_flags(value, models);
}

}  // namespace

std::string fish_completion(const CommandInfo& program, const std::vector<std::string>& models) {
  std::string paths, lines;
  for (const auto& [path, command] : all_commands(program)) {
    if (!path.empty()) paths += " " + fish_quoted(path);
    const std::string at = "complete -c mien -n " + fish_quoted("__mien_is \"" + path + "\"");
    for (const auto& sub : command->commands) lines += at + " -a " + sub.name + " -d " + fish_quoted(sub.help) + "\n";
    for (const auto& option : command->options)
      lines += at + fish_option_flags(option) + fish_value_flags(option.value, models) + " -d " +
               fish_quoted(option.help) + "\n";
    if (command->commands.empty() && !command->arguments.empty()) {
      const std::string flags = fish_argument_flags(command->arguments.front().value, models);
      if (!flags.empty()) lines += at + flags + "\n";
    }
  }
  return kFishHead + ("set -g __mien_commands" + paths) + "\n\ncomplete -c mien -f\n" + lines;
}

}  // namespace mien::app
