// SPDX-License-Identifier: Apache-2.0
#include "mien/runtime/plugin_folder.h"

#include <dlfcn.h>
#include <fmt/core.h>

#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <openvino/core/version.hpp>

#include "mien/base/error.h"

namespace mien::runtime {
namespace {

/// The plugins in OpenVINO's built-in list.
constexpr std::array kPlugins = {"libopenvino_auto_plugin.so",      "libopenvino_auto_batch_plugin.so",
                                 "libopenvino_hetero_plugin.so",    "libopenvino_intel_cpu_plugin.so",
                                 "libopenvino_intel_gpu_plugin.so", "libopenvino_intel_npu_plugin.so"};

}  // namespace

std::filesystem::path openvino_folder() {
  Dl_info info{};
  if (dladdr(reinterpret_cast<const void*>(&ov::get_openvino_version), &info) == 0 || !info.dli_fname) return {};
  std::error_code ignored;
  return std::filesystem::canonical(info.dli_fname, ignored).parent_path();
}

void check_plugin_lookup(const std::filesystem::path& libraries) {
  std::error_code ignored;
  for (const char* name : kPlugins) {
    if (!libraries.empty() && std::filesystem::exists(libraries / name, ignored)) continue;
    struct stat info {};
    if (::stat(name, &info) == 0)
      throw Error(ErrorKind::failed,
                  fmt::format("The working folder contains {}, which OpenVINO would load and run.", name),
                  "Start mien in another folder, or remove this file.");
    if (errno != ENOENT)
      throw Error(ErrorKind::failed, fmt::format("The working folder cannot be read ({}).", std::strerror(errno)),
                  "Start mien in a folder that you can read.");
  }
}

bool cache_is_safe() {
  struct stat info {};
  return ::stat(".bin", &info) != 0 && errno == ENOENT;
}

}  // namespace mien::runtime
