// SPDX-License-Identifier: Apache-2.0
#include "mien/base/program_file.h"

#include <system_error>

namespace mien {

std::filesystem::path program_file() {
  std::error_code ignored;
  return std::filesystem::read_symlink("/proc/self/exe", ignored);
}

}  // namespace mien
