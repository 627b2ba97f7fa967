// SPDX-License-Identifier: Apache-2.0
#include "mien/app/completion/completion.h"
#include "mien/base/command.h"
#include "mien/base/text.h"

namespace mien::app {
namespace {

constexpr const char* kBashHead = R"script(# SPDX-License-Identifier: Apache-2.0
# Completion of mien for bash, written by 'mien completion bash'.
)script";

constexpr const char* kBashRest = R"script(
_mien_command() {  # the command that the words before the cursor choose, in $command
  local i
  command=
  for ((i = 1; i < COMP_CWORD; i++)); do
    _mien_is_command "${command:+$command }${COMP_WORDS[i]}" && command="${command:+$command }${COMP_WORDS[i]}"
  done
}

_mien() {
  local command words word=${COMP_WORDS[COMP_CWORD]} before=$((COMP_CWORD - 1))
  COMPREPLY=()
  if [[ $word == = ]]; then  # --option=value is three words
    word=
  elif [[ ${COMP_WORDS[before]} == = ]]; then
    before=$((before - 1))
  fi
  _mien_command
  words=$(_mien_value "$command ${COMP_WORDS[before]}")
  if [[ -z $words && $word == -* ]]; then
    words="words $(_mien_options "$command")"
  elif [[ -z $words ]]; then
    words=$(_mien_argument "$command")
  fi
  case $words in
    words\ *) mapfile -t COMPREPLY < <(compgen -W "${words#words }" -- "$word") ;;
    files*)
      mapfile -t COMPREPLY < <(compgen -W "${words#files}" -- "$word"; compgen -f -- "$word")
      compopt -o filenames 2>/dev/null ;;
    folders)
      mapfile -t COMPREPLY < <(compgen -d -- "$word")
      compopt -o filenames 2>/dev/null ;;
  esac
}
complete -F _mien mien
)script";

/// What _mien_value and _mien_argument print: "words a b", "files a b" (also file names), "folders", or "text".
std::string bash_answer(const ValueInfo& value, const std::vector<std::string>& models) {
  switch (value.kind) {
    case ValueKind::choice:
      return "words " + join(value.choices, " ");
    case ValueKind::model:
      return "files " + join(models, " ");
    case ValueKind::file:
      return "files";
    case ValueKind::folder:
      return "folders";
    case ValueKind::text:
      return "text";
    case ValueKind::none:
      break;
  }
  return "";
}

std::string bash_line(const std::vector<std::string>& patterns, const std::string& words) {
  std::vector<std::string> quoted;
  for (const auto& pattern : patterns) quoted.push_back("'" + pattern + "'");
  return "    " + join(quoted, " | ") + ") echo " + shell_quote(words) + " ;;\n";
}

std::string bash_function(const std::string& head, const std::string& cases) {
  return "\n" + head + "\n  case $1 in\n" + cases + "  esac\n}\n";
}

}  // namespace

std::string bash_completion(const CommandInfo& program, const std::vector<std::string>& models) {
  std::string options, values, arguments;
  std::vector<std::string> paths;
  for (const auto& [path, command] : all_commands(program)) {
    if (!path.empty()) paths.push_back("'" + path + "'");
    std::vector<std::string> names, subcommands;
    for (const auto& option : command->options) {
      for (const auto& name : option.names) names.push_back(name);
      std::vector<std::string> patterns;
      for (const auto& name : option.names) patterns.push_back(path + " " + name);
      if (option.value.kind != ValueKind::none) values += bash_line(patterns, bash_answer(option.value, models));
    }
    for (const auto& sub : command->commands) subcommands.push_back(sub.name);
    options += bash_line({path}, join(names, " "));
    if (!subcommands.empty()) {
      arguments += bash_line({path}, "words " + join(subcommands, " "));
    } else if (!command->arguments.empty()) {
      arguments += bash_line({path}, bash_answer(command->arguments.front().value, models));
    }
  }
  return kBashHead +
         bash_function("_mien_is_command() {", "    " + join(paths, " | ") + ") return 0 ;;\n    *) return 1 ;;\n") +
         bash_function("_mien_options() {", options) +
         bash_function("_mien_value() {  # what follows an option: words, files, folders or text", values) +
         bash_function("_mien_argument() {  # what a command takes without an option", arguments) + kBashRest;
}

}  // namespace mien::app
