// SPDX-License-Identifier: Apache-2.0
// The folders of runs: runs/<verb>/<name> in the current folder.
#pragma once

#include <filesystem>
#include <string>

namespace mien {

/// Creates root/name; if that exists, root/name-2 and so on: two runs started at once get two folders. Throws failed
/// if it cannot be created.
std::filesystem::path make_run_dir(const std::filesystem::path& root, const std::string& name);

}  // namespace mien
