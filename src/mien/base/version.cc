// SPDX-License-Identifier: Apache-2.0
#include "mien/base/version.h"

#ifndef MIEN_GIT_REVISION
#define MIEN_GIT_REVISION "unknown"
#endif

namespace mien {

std::string version() { return MIEN_VERSION; }
std::string git_revision() { return MIEN_GIT_REVISION; }

}  // namespace mien
