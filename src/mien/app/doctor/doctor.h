// SPDX-License-Identifier: Apache-2.0
// Checks the installation: a table of small checks; each reports what is installed, what is wrong and how to fix it.
#pragma once

#include <chrono>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mien/base/json.h"

namespace mien::app {

enum class CheckStatus { ok, warning, failed };
std::string_view to_string(CheckStatus status);

struct CheckResult {
  std::string name;
  CheckStatus status = CheckStatus::ok;
  std::string detail;  ///< one line
  std::string remedy;  ///< empty if it is ok
};

struct DoctorContext {
  std::filesystem::path source_dir;  ///< of the build; may no longer exist
};

/// One check. An exception counts as failed, with the error's remedy; the runner fills in the name.
struct DoctorCheck {
  const char* name;
  CheckResult (*run)(const DoctorContext& context);
};
/// All checks, the fast ones first.
std::span<const DoctorCheck> doctor_checks();

struct Diagnosis {
  std::vector<CheckResult> checks;  ///< in the table's order, all of them
  bool is_stuck = false;            ///< a check is still running: end the process without waiting for it
  bool is_well() const;             ///< no check failed
};
/// Runs the checks on a separate thread; checks that are not finished after `limit` are warnings.
Diagnosis diagnose(const DoctorContext& context, std::span<const DoctorCheck> checks, std::chrono::milliseconds limit);

/// {"checks":[{"name","status","detail","remedy"?}]}
Json to_json(const Diagnosis& diagnosis);
std::string to_text(const Diagnosis& diagnosis);

}  // namespace mien::app
