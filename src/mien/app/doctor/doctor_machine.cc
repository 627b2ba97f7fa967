// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include <openssl/crypto.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <opencv2/core.hpp>

#include "mien/app/doctor/doctor_checks.h"
#include "mien/base/container.h"
#include "mien/base/error.h"
#include "mien/base/file.h"
#include "mien/base/machine.h"
#include "mien/base/program_file.h"
#include "mien/base/text.h"
#include "mien/base/version.h"
#include "mien/runtime/session.h"

namespace mien::app {
namespace {

namespace fs = std::filesystem;

constexpr double kLittleMemoryGb = 1, kNoMemoryGb = 0.25;  // predict takes about 0.2 GB
constexpr double kLittleDiskGb = 0.5, kNoDiskGb = 0.02;

/// The value of the first line of a file that starts with `key`: "model name", "flags".
std::string line_of(const char* file, std::string_view key) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(key)) return std::string(trim(line.substr(std::min(line.find(':'), line.size() - 1) + 1)));
  return "";
}

/// The folder itself, or the nearest one above that exists.
fs::path existing(fs::path path) {
  std::error_code ignored;
  while (!path.empty() && !fs::exists(path, ignored) && path != path.parent_path()) path = path.parent_path();
  return path.empty() ? "." : path;
}

std::string major_minor(std::string_view version) {
  const auto parts = split(version, '.');
  return parts.size() < 2 ? std::string(version) : parts[0] + "." + parts[1];
}

}  // namespace

CheckResult check_build(const DoctorContext&) {
  std::error_code ignored;
  const fs::path lab = program_file().parent_path() / "mien-lab";
  CheckResult r;
  r.detail = fmt::format("mien {} ({}), {}, {}{}", version(), git_revision(), build_kind(), compiler(),
                         fs::exists(lab, ignored) ? ", with mien-lab" : ", without mien-lab (training)");
#ifndef NDEBUG
  if (build_kind().find("Rel") == std::string::npos) {
    r.status = CheckStatus::warning;
    r.remedy = "This build is not optimised. For full speed, use cmake --preset deploy.";
  }
#endif
  return r;
}

CheckResult check_processor(const DoctorContext&) {
  const Machine machine = this_machine();
  CheckResult r;
  r.detail = fmt::format("{}, {}{}{}", machine.processor, machine.cores, machine.cores == 1 ? " core, " : " cores, ",
                         machine.instruction_sets.empty() ? "no known SIMD" : join(machine.instruction_sets, " "));
#ifdef __x86_64__
  if (!machine.has("avx2"))
    r.status = CheckStatus::warning,
    r.remedy = "Without AVX2, networks run several times slower. In a virtual machine, enable CPU passthrough.";
#endif
  return r;
}

CheckResult check_libraries(const DoctorContext&) {
  struct Library {
    std::string running, built;  ///< "OpenCV 4.6.0"
  };
  const std::array<Library, 3> libraries = {
      {{runtime::runtime_version(), runtime::runtime_version_built_with()},
       {"OpenCV " + cv::getVersionString(), "OpenCV " CV_VERSION},
       {fmt::format("OpenSSL {}", OpenSSL_version(OPENSSL_VERSION_STRING)), "OpenSSL " OPENSSL_VERSION_STR}}};
  CheckResult r;
  std::vector<std::string> versions;
  for (const auto& [running, built] : libraries) {
    versions.push_back(running);
    if (major_minor(running) == major_minor(built)) continue;
    r.status = CheckStatus::warning;
    versions.back() += fmt::format(" (built with {})", built);
    r.remedy = "Build again (./mien setup), so that program and libraries match.";
  }
  versions.push_back(fmt::format("JSON {}.{}", NLOHMANN_JSON_VERSION_MAJOR, NLOHMANN_JSON_VERSION_MINOR));
  r.detail = join(versions, ", ");
  return r;
}

CheckResult check_memory(const DoctorContext&) {
  const double kb = parse_double(split(line_of("/proc/meminfo", "MemAvailable"), ' ').front()).value_or(0);
  double gb = kb / 1e6;
  // A container may allow less than the machine has.
  const auto allowed = container_limits().memory_available;
  const bool is_limited = allowed && *allowed / 1e9 < gb;
  if (is_limited) gb = *allowed / 1e9;
  CheckResult r;
  r.detail = fmt::format("{:.1f} GB available{}", gb, is_limited ? " in this container" : "");
  if (gb < kLittleMemoryGb)
    r.status = gb < kNoMemoryGb ? CheckStatus::failed : CheckStatus::warning,
    r.remedy = "Close other programs, or give the container more memory.";
  return r;
}

CheckResult check_disk(const DoctorContext&) {
  CheckResult r;
  std::vector<std::string> parts;
  for (const auto& [what, path] : {std::pair<const char*, fs::path>{"models", user_data_dir()},
                                   {"cache", user_cache_dir()},
                                   {"results", whole_path(".")}}) {
    std::error_code error;
    const fs::space_info space = fs::space(existing(path), error);
    const double gb = error ? 0 : static_cast<double>(space.available) / 1e9;
    parts.push_back(fmt::format("{} {:.1f} GB in {}", what, gb, path.string()));
    if (gb >= kLittleDiskGb) continue;
    r.status = std::max(r.status, gb < kNoDiskGb ? CheckStatus::failed : CheckStatus::warning);
    r.remedy = "Free some space, or set other folders: MIEN_HOME for models, MIEN_CACHE for the cache.";
  }
  r.detail = "free for " + join(parts, ", ");
  return r;
}

CheckResult check_cache(const DoctorContext&) {
  const fs::path dir = user_cache_dir(), probe = dir / fmt::format("doctor-{}", ::getpid());
  try {
    write_file(probe, "x");
  } catch (const Error& error) {
    return {"", CheckStatus::warning,
            fmt::format("{}: not writable, so the networks are compiled again at every start (about a second).",
                        dir.string()),
            "Make the folder writable, or set another one in MIEN_CACHE."};
  }
  std::error_code ignored;
  fs::remove(probe, ignored);
  return {"", CheckStatus::ok, fmt::format("{} is writable", dir.string()), ""};
}

}  // namespace mien::app
