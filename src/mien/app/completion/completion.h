// SPDX-License-Identifier: Apache-2.0
// Completion scripts for shells and the manual page, written from the commands of the program. A script is
// self-contained: completing a word starts no program.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "mien/app/completion/command_tree.h"

namespace mien::app {

enum class Shell { bash, zsh, fish };
constexpr auto words_of(Shell) { return std::array{"bash", "zsh", "fish"}; }

/// The script that completes commands, options, their values, names of `models`, and files.
std::string completion_script(Shell shell, const CommandInfo& program, const std::vector<std::string>& models);

std::string bash_completion(const CommandInfo& program, const std::vector<std::string>& models);
std::string zsh_completion(const CommandInfo& program, const std::vector<std::string>& models);
std::string fish_completion(const CommandInfo& program, const std::vector<std::string>& models);

/// The manual page mien(1) in the macros of man(7). `date` as YYYY-MM-DD.
std::string manual_page(const CommandInfo& program, const std::string& version, const std::string& date);

}  // namespace mien::app
