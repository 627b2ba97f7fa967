// SPDX-License-Identifier: Apache-2.0
#include "mien/app/completion/completion.h"

namespace mien::app {

std::vector<std::string> shell_names() { return {"bash", "zsh", "fish"}; }

std::optional<Shell> shell_named(std::string_view name) {
  if (name == "bash") return Shell::bash;
  if (name == "zsh") return Shell::zsh;
  if (name == "fish") return Shell::fish;
  return std::nullopt;
}

std::string completion_script(Shell shell, const CommandInfo& program, const std::vector<std::string>& models) {
  switch (shell) {
    case Shell::bash:
      return bash_completion(program, models);
    case Shell::zsh:
      return zsh_completion(program, models);
    case Shell::fish:
      return fish_completion(program, models);
  }
  return "";
}

}  // namespace mien::app
