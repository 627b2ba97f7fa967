// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace mien {

std::string version();       ///< "0.1.0"
std::string git_revision();  ///< short hash of the build's source, "-dirty" where it had changes, "unknown" outside git

}  // namespace mien
