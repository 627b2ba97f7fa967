// SPDX-License-Identifier: Apache-2.0
#include "mien/base/run_dir.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien {

std::filesystem::path make_run_dir(const std::filesystem::path& root, const std::string& name) {
  std::error_code error;
  std::filesystem::create_directories(root, error);
  if (error)
    throw Error(ErrorKind::failed, fmt::format("{}: cannot be created ({}).", root.string(), error.message()),
                "Start mien in a folder that you can write to.");
  for (int number = 1; number < 10000; ++number) {
    const auto path = root / (number == 1 ? name : fmt::format("{}-{}", name, number));
    // Creating the folder claims the name.
    if (std::filesystem::create_directory(path, error)) return path;
    if (error)
      throw Error(ErrorKind::failed, fmt::format("{}: cannot be created ({}).", path.string(), error.message()),
                  "Start mien in a folder that you can write to.");
  }
  throw Error(ErrorKind::failed, fmt::format("{}: too many runs named {}.", root.string(), quote(name)),
              "Choose another name, or delete old runs.");
}

}  // namespace mien
