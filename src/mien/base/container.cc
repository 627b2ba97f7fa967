// SPDX-License-Identifier: Apache-2.0
#include "mien/base/container.h"

#include <malloc.h>
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "mien/base/text.h"

namespace mien {
namespace {

namespace fs = std::filesystem;

constexpr double kNoLimit = 1e18;  // version 1 writes the largest whole number of pages for "none"

std::string content_of(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The words of a file's first line as numbers; "max" and words that are not numbers become nothing.
std::vector<std::optional<double>> numbers_in(const fs::path& path) {
  std::vector<std::optional<double>> out;
  const auto lines = lines_of(content_of(path));
  if (!lines.empty())
    for (const auto& word : split(trim(lines.front()), ' ')) out.push_back(parse_double(word));
  return out;
}

std::optional<double> number_in(const fs::path& path) {
  const auto numbers = numbers_in(path);
  return numbers.empty() ? std::nullopt : numbers.front();
}

void tighten(std::optional<double>& limit, double value) { limit = std::min(limit.value_or(value), value); }

/// Cached files are released before a process is killed: those on the kernel's inactive list and on its active list.
double given_back(const fs::path& statistics, const std::string& prefix) {
  double bytes = 0;
  for (const auto& line : lines_of(content_of(statistics)))
    if (const auto words = split(line, ' '); words.size() == 2)
      if (words[0] == prefix + "inactive_file" || words[0] == prefix + "active_file")
        bytes += parse_double(words[1]).value_or(0);
  return bytes;
}

void read_cores(const fs::path& group, bool is_version_2, ContainerLimits& limits) {
  std::optional<double> quota, period;
  if (is_version_2) {
    const auto both = numbers_in(group / "cpu.max");  // "50000 100000", "max 100000"
    if (both.size() == 2) quota = both[0], period = both[1];
  } else {
    quota = number_in(group / "cpu.cfs_quota_us"), period = number_in(group / "cpu.cfs_period_us");  // -1: none
  }
  if (quota && period && *quota > 0 && *period > 0) tighten(limits.cores, *quota / *period);
}

void read_memory(const fs::path& group, bool is_version_2, ContainerLimits& limits) {
  const auto limit = number_in(group / (is_version_2 ? "memory.max" : "memory.limit_in_bytes"));
  if (!limit || *limit >= kNoLimit) return;
  const double used = number_in(group / (is_version_2 ? "memory.current" : "memory.usage_in_bytes")).value_or(0) -
                      given_back(group / "memory.stat", is_version_2 ? "" : "total_");
  tighten(limits.memory_available, std::max(0.0, *limit - std::max(0.0, used)));
}

bool is_among(std::string_view name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

ContainerLimits container_limits(std::string_view membership, const fs::path& root) {
  ContainerLimits limits;
  std::error_code ignored;
  for (const auto& line : lines_of(membership)) {  // "4:cpu,cpuacct:/docker/1f", "0::/user.slice"
    const auto first = line.find(':'), second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const bool is_version_2 = controllers.empty();
    const auto names = split(controllers, ',');
    fs::path mount = root;
    if (is_version_2) {
      if (!fs::exists(root / "cgroup.controllers", ignored)) mount = root / "unified";
    } else {
      mount = root / controllers;
      for (const auto& name : names)
        if (!fs::exists(mount, ignored)) mount = root / name;
    }
    for (fs::path group = fs::path(trim(line.substr(second + 1))).lexically_normal();; group = group.parent_path()) {
      const fs::path folder = mount / group.relative_path();
      if (is_version_2 || is_among("cpu", names)) read_cores(folder, is_version_2, limits);
      if (is_version_2 || is_among("memory", names)) read_memory(folder, is_version_2, limits);
      if (group == group.parent_path() || group.empty()) break;
    }
  }
  return limits;
}

ContainerLimits container_limits() { return container_limits(content_of("/proc/self/cgroup"), "/sys/fs/cgroup"); }

std::optional<double> memory_available(std::string_view meminfo, const ContainerLimits& limits) {
  auto available = limits.memory_available;
  double swap = 0;
  for (const auto& line : lines_of(meminfo)) {  // "MemAvailable:   12345678 kB"
    const auto colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string name = line.substr(0, colon);
    const auto kilobytes = parse_double(split(trim(line.substr(colon + 1)), ' ').front());
    if (!kilobytes) continue;
    if (name == "MemAvailable") tighten(available, *kilobytes * 1024);
    if (name == "SwapFree") swap = *kilobytes * 1024;
  }
  if (available) *available += swap;
  return available;
}

std::optional<double> memory_available() {
  auto available = memory_available(content_of("/proc/meminfo"), container_limits());
  if (available) *available += static_cast<double>(mallinfo2().fordblks);
  return available;
}

int usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  int cores = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set)
                                                          : static_cast<int>(std::thread::hardware_concurrency());
  if (const auto share = container_limits().cores)
    cores = std::min(cores, static_cast<int>(std::ceil(std::min(*share, 1e6))));
  return std::max(1, cores);
}

}  // namespace mien
