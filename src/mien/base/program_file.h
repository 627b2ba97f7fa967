// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace mien {

/// The running program's own file; empty if it cannot be determined (/proc is not mounted).
std::filesystem::path program_file();

}  // namespace mien
