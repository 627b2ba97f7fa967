// SPDX-License-Identifier: Apache-2.0
// The machine on which this process runs, for records of measurements.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace mien {

struct Machine {
  std::string processor = "unknown processor";  ///< "AMD EPYC 9R14"
  int cores = 1;                                ///< cores that this process may use
  std::vector<std::string> instruction_sets;    ///< those that make networks faster: "avx2", ...
  double load = 0;                              ///< mean number of running processes over the last minute

  bool has(std::string_view instruction_set) const;
};

/// Read from /proc/cpuinfo and /proc/loadavg; values that they lack keep their defaults.
Machine this_machine();
/// The part of this_machine() that is found in `cpuinfo`, the text of /proc/cpuinfo.
Machine machine_from(std::string_view cpuinfo);

}  // namespace mien
