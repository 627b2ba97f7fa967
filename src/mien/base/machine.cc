// SPDX-License-Identifier: Apache-2.0
#include "mien/base/machine.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>

#include "mien/base/container.h"
#include "mien/base/text.h"

namespace mien {
namespace {

constexpr std::array<std::string_view, 13> kInstructionSets = {
    "sse4_2",      "avx",      "avx2",     "fma",      "avx512f", "avx512_vnni", "avx512_bf16",
    "avx512_fp16", "avx_vnni", "amx_bf16", "amx_int8", "asimd",   "sve"};

/// Files of /proc have no size of their own: read to the end.
std::string read_all(const char* path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

bool Machine::has(std::string_view name) const {
  return std::find(instruction_sets.begin(), instruction_sets.end(), name) != instruction_sets.end();
}

Machine machine_from(std::string_view cpuinfo) {
  Machine machine;
  for (const auto& line : lines_of(cpuinfo)) {
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string_view key = trim(std::string_view(line).substr(0, colon)),
                           value = trim(std::string_view(line).substr(colon + 1));
    if (key == "model name") machine.processor = value;
    if (key != "flags" && key != "Features") continue;  // x86-64; Arm
    const auto flags = split(value, ' ');
    for (const auto name : kInstructionSets)
      if (std::find(flags.begin(), flags.end(), name) != flags.end()) machine.instruction_sets.emplace_back(name);
    break;  // all processors are alike
  }
  return machine;
}

Machine this_machine() {
  Machine machine = machine_from(read_all("/proc/cpuinfo"));
  machine.cores = usable_cores();
  machine.load = parse_double(split(read_all("/proc/loadavg"), ' ').front()).value_or(0);
  return machine;
}

}  // namespace mien
