// SPDX-License-Identifier: Apache-2.0
#include "mien/app/doctor/doctor.h"

#include <fmt/core.h>

#include <algorithm>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "mien/app/doctor/doctor_checks.h"
#include "mien/base/exception.h"

namespace mien::app {
namespace {

constexpr DoctorCheck kChecks[] = {
    {"build", check_build},       {"processor", check_processor}, {"libraries", check_libraries},
    {"memory", check_memory},     {"disk", check_disk},           {"cache", check_cache},
    {"licences", check_licences}, {"detectors", check_detectors}, {"models", check_models},
    {"picture", check_picture},
};

CheckResult run_one(const DoctorCheck& check, const DoctorContext& context) {
  CheckResult result;
  try {
    result = check.run(context);
  } catch (...) {
    const Error error = current_error();
    const char* report = "Report this with the output of 'mien doctor --json'.";
    result = {"", CheckStatus::failed, error.message(), error.remedy().empty() ? report : error.remedy()};
  }
  result.name = check.name;
  return result;
}

/// Outlives the caller if a check is stuck.
struct Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<CheckResult> done;
};

}  // namespace

std::string_view to_string(CheckStatus status) {
  return status == CheckStatus::ok ? "ok" : status == CheckStatus::warning ? "warning" : "failed";
}

std::span<const DoctorCheck> doctor_checks() { return kChecks; }

bool Diagnosis::is_well() const {
  return std::none_of(checks.begin(), checks.end(), [](const auto& c) { return c.status == CheckStatus::failed; });
}

Diagnosis diagnose(const DoctorContext& context, std::span<const DoctorCheck> checks, std::chrono::milliseconds limit) {
  auto shared = std::make_shared<Shared>();
  std::thread([shared, context, list = std::vector(checks.begin(), checks.end())] {
    for (const auto& check : list) {
      CheckResult result = run_one(check, context);
      const std::lock_guard lock(shared->mutex);
      shared->done.push_back(std::move(result));
      shared->changed.notify_one();
    }
  }).detach();
  std::unique_lock lock(shared->mutex);
  shared->changed.wait_for(lock, limit, [&] { return shared->done.size() == checks.size(); });
  Diagnosis diagnosis{shared->done, shared->done.size() < checks.size()};
  for (std::size_t i = diagnosis.checks.size(); i < checks.size(); ++i)
    diagnosis.checks.push_back(
        {checks[i].name, CheckStatus::warning,
         fmt::format("{} within {:.1f} s", i == shared->done.size() ? "no result" : "not checked",
                     static_cast<double>(limit.count()) / 1000),
         "Try again when the machine is less busy. A folder on a slow network drive may be the cause."});
  return diagnosis;
}

Json to_json(const Diagnosis& diagnosis) {
  Json checks = Json::array();
  for (const auto& c : diagnosis.checks) {
    Json json = {{"name", c.name}, {"status", to_string(c.status)}, {"detail", c.detail}};
    if (!c.remedy.empty()) json["remedy"] = c.remedy;
    checks.push_back(std::move(json));
  }
  return {{"checks", checks}};
}

std::string to_text(const Diagnosis& diagnosis) {
  std::string out;
  for (const auto& c : diagnosis.checks) {
    out += fmt::format("{:<8} {:<10} {}\n", to_string(c.status), c.name, c.detail);
    if (!c.remedy.empty()) out += fmt::format("{:20}→ {}\n", "", c.remedy);
  }
  return out;
}

}  // namespace mien::app
