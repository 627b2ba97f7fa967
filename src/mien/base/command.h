// SPDX-License-Identifier: Apache-2.0
// Command lines as records.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mien {

/// A word as a shell takes it for one word: in single quotes where it holds spaces, quotes or characters that mean
/// something to the shell.
std::string shell_quote(std::string_view word);
/// The words of a command line that was put together by shell_quote or typed without quotes, still quoted.
std::vector<std::string_view> command_words(std::string_view command);

/// A command line for others to read: absolute paths, also behind "=", are cut to their last name, which tells nothing
/// of a machine or its user.
std::string without_folders(std::string_view command);

}  // namespace mien
