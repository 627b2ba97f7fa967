// SPDX-License-Identifier: Apache-2.0
// Where commands leave what they did: runs/<verb>/<name> of the current folder.
#pragma once

#include <filesystem>
#include <string>

namespace mien {

/// Makes root/name; where that exists, root/name-2 and so on: two runs started at once get two folders. Throws failed
/// where it cannot be made.
std::filesystem::path make_run_dir(const std::filesystem::path& root, const std::string& name);

}  // namespace mien
