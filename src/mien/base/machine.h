// SPDX-License-Identifier: Apache-2.0
// The machine that this process runs on, as records of measurements name it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mien {

struct Machine {
  std::string processor = "unknown processor";  ///< "AMD EPYC 9R14"
  int cores = 1;                                ///< that this process may use
  std::vector<std::string> instruction_sets;    ///< of those that networks gain by: "avx2", ...
  double load = 0;                              ///< mean number of running processes over the last minute

  bool has(std::string_view instruction_set) const;
};

/// Linux' own words (/proc/cpuinfo, /proc/loadavg); what it does not tell keeps its default.
Machine this_machine();
/// The part of this_machine() that stands in `cpuinfo`, the text of /proc/cpuinfo.
Machine machine_from(std::string_view cpuinfo);

}  // namespace mien
