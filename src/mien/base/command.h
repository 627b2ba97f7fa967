// SPDX-License-Identifier: Apache-2.0
// Command lines as records.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mien {

/// A word in the form that a shell reads as one word: in single quotes if it contains spaces, quotes or characters
/// with a special meaning for the shell.
std::string shell_quote(std::string_view word);
/// The words of a command line that was built by shell_quote or typed without quotes; they keep their quotes.
std::vector<std::string_view> command_words(std::string_view command);

/// A command line to publish: absolute paths, also after "=", are reduced to their last name, so that they do not show
/// anything about a machine or its user.
std::string without_folders(std::string_view command);

}  // namespace mien
