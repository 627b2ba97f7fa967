// SPDX-License-Identifier: Apache-2.0
// What a container allows this process to use of the machine: Linux control groups, versions 1 and 2.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>

namespace mien {

/// The tightest limits of a process's group and of all groups above it; nothing if there is no limit.
struct ContainerLimits {
  std::optional<double> cores;             ///< processor time per unit of time: 0.5 is half a core
  std::optional<double> memory_available;  ///< bytes: the limit minus the memory in use, without cached files
};

/// `membership`: the text of /proc/self/cgroup; `root`: mount point of the groups (/sys/fs/cgroup). A group that is
/// not visible from inside the container is skipped, and those above it are used.
ContainerLimits container_limits(std::string_view membership, const std::filesystem::path& root);
/// The limits of this process.
ContainerLimits container_limits();

/// Bytes that this process can still allocate: the machine's available memory, or less if its container allows less,
/// plus free swap. `meminfo`: the text of /proc/meminfo. Nothing if neither source gives a figure.
std::optional<double> memory_available(std::string_view meminfo, const ContainerLimits& limits);
/// The same for this process, including the free blocks of its own heap.
std::optional<double> memory_available();

/// The useful number of threads: the cores that this process may run on (taskset, cpuset), or fewer if its
/// container gets less processor time, rounded up; at least 1.
int usable_cores();

}  // namespace mien
