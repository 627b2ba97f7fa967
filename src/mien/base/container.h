// SPDX-License-Identifier: Apache-2.0
// What a container leaves this process of the machine: Linux' control groups, version 1 and 2.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace mien {

/// The tightest limits of a process' group and of all groups above it; nothing where there is none.
struct ContainerLimits {
  std::optional<double> cores;             ///< processor time in each moment's time: 0.5 is half a core
  std::optional<double> memory_available;  ///< bytes: the limit less what is used, without cached files
};

/// `membership`: the text of /proc/self/cgroup; `root`: where the groups are mounted (/sys/fs/cgroup). A group that is
/// not to be seen from inside is passed over for those above it.
ContainerLimits container_limits(std::string_view membership, const std::filesystem::path& root);
/// Those of this process.
ContainerLimits container_limits();

/// Bytes that this process can still take: what the machine has available, or less where its container allows less, and
/// free swap on top. `meminfo`: the text of /proc/meminfo. Nothing where neither says.
std::optional<double> memory_available(std::string_view meminfo, const ContainerLimits& limits);
/// That of this process, with the free blocks of its own heap.
std::optional<double> memory_available();

/// Threads that gain anything here: the cores that this process may run on (taskset, cpuset), or less where its
/// container is given less time, rounded up; at least 1.
int usable_cores();

}  // namespace mien
