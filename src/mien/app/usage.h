// SPDX-License-Identifier: Apache-2.0
// Common first attempts: accepted, or answered with the correct usage.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "mien/base/error.h"

namespace mien::app {

/// The arguments with common variants translated to this program's options: "help", "help COMMAND", -help and -? become
/// COMMAND --help; "version", -V, -v and -version, alone, become --version.
std::vector<std::string> usual_arguments(int argc, char** argv);

/// "mien data pack": the names from the program down to `command`.
std::string command_path(const CLI::App* command);

/// The sentence for arguments that CLI11 refused with `error`: which option or command is unknown, and what was
/// probably meant. Options that --help does not show are not suggested.
Error usage_error(const CLI::App& program, const CLI::ParseError& error, const std::vector<std::string>& arguments);

}  // namespace mien::app
