// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/registry.h"

#include <fmt/core.h>

#include <algorithm>

#include "mien/base/error.h"
#include "mien/base/text.h"

namespace mien::methods {

#define MIEN_DECLARE(folder)                           \
  namespace folder {                                   \
  std::unique_ptr<method::MethodConfig> make_config(); \
  }
MIEN_METHODS(MIEN_DECLARE)
#undef MIEN_DECLARE

namespace {

struct Entry {
  const char* folder;
  std::unique_ptr<method::MethodConfig> (*make)();

  std::string name() const {
    std::string name = folder;
    std::replace(name.begin(), name.end(), '_', '-');
    return name;
  }
};

#define MIEN_ENTRY(folder) {#folder, folder::make_config},
constexpr Entry kTable[] = {MIEN_METHODS(MIEN_ENTRY)};
#undef MIEN_ENTRY

}  // namespace

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const Entry& entry : kTable) out.push_back(entry.name());
  return out;
}

std::unique_ptr<method::MethodConfig> make_config(const std::string& name) {
  for (const Entry& entry : kTable)
    if (name == entry.name()) return entry.make();
  fail_usage(fmt::format("Unknown method {}.", quote(name)), did_you_mean(name, names()));
}

}  // namespace mien::methods
