// SPDX-License-Identifier: Apache-2.0
#include "mien/method/twins.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "mien/base/error.h"

namespace mien::method {

nn::NamedTensors without_twins(const nn::NamedTensors& source,
                               const std::vector<std::pair<std::string, std::string>>& twins,
                               const std::string& origin) {
  const std::map<std::string, at::Tensor> by_name(source.begin(), source.end());
  nn::NamedTensors out;
  for (const auto& [key, value] : source) {
    const auto twin =
        std::find_if(twins.begin(), twins.end(), [&, k = key](const auto& t) { return k.starts_with(t.first); });
    if (twin == twins.end()) {
      out.emplace_back(key, value);
      continue;
    }
    const auto original = by_name.find(twin->second + key.substr(twin->first.size()));
    check_input(
        original != by_name.end() && original->second.equal(value),
        fmt::format("{}: {} should repeat {} but differs.", origin, key, twin->second + key.substr(twin->first.size())),
        "The file does not come from this method's authors: its two halves contradict each other.");
  }
  return out;
}

}  // namespace mien::method
