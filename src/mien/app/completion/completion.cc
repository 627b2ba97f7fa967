// SPDX-License-Identifier: Apache-2.0
#include "mien/app/completion/completion.h"

namespace mien::app {

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
