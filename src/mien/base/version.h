// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mien {

std::string version();       ///< "0.1.0"
std::string git_revision();  ///< short hash of the build's source, "-dirty" if it had changes, "unknown" outside git

std::string compiler();    ///< "GCC 12.2.0"
std::string build_kind();  ///< "preset deploy, Release": the build folder and CMake's build type

}  // namespace mien
