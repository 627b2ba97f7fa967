// SPDX-License-Identifier: Apache-2.0
#include "mien/methods/registry.h"

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/methods/ada_df/method.h"
#include "mien/methods/dan/method.h"
#include "mien/methods/dnfer/method.h"
#include "mien/methods/fdrl/method.h"

namespace mien::methods {
namespace {

struct Entry {
  const char* name;
  std::unique_ptr<method::MethodConfig> (*make)();
};

// One line per method.
constexpr Entry kTable[] = {
    {"dan", dan::make_dan_config},
    {"ada-df", ada_df::make_ada_df_config},
    {"dnfer", dnfer::make_dnfer_config},
    {"fdrl", fdrl::make_fdrl_config},
};

}  // namespace

std::vector<std::string> names() {
  std::vector<std::string> out;
  for (const auto& entry : kTable) out.emplace_back(entry.name);
  return out;
}

std::unique_ptr<method::MethodConfig> make_config(const std::string& name) {
  for (const auto& entry : kTable)
    if (name == entry.name) return entry.make();
  fail_usage(text("Unknown method ", quote(name), "."), did_you_mean(name, names()));
}

}  // namespace mien::methods
