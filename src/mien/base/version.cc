// SPDX-License-Identifier: Apache-2.0
#include "mien/base/version.h"

#include "revision.h"

#ifndef MIEN_BUILD_KIND
#define MIEN_BUILD_KIND "unknown"
#endif

namespace mien {

std::string version() { return MIEN_VERSION; }
std::string git_revision() { return MIEN_GIT_REVISION; }

std::string compiler() {
#if defined(__clang__)
  return "Clang " __clang_version__;
#else
  return "GCC " __VERSION__;
#endif
}

std::string build_kind() { return MIEN_BUILD_KIND; }

}  // namespace mien
