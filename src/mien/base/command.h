// SPDX-License-Identifier: Apache-2.0
// Command lines as records.
#pragma once

#include <string>
#include <string_view>

namespace mien {

/// A command line for others to read: absolute paths, also behind "=", are cut to their last name, which tells nothing
/// of a machine or its user.
std::string without_folders(std::string_view command);

}  // namespace mien
