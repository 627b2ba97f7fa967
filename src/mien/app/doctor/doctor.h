// SPDX-License-Identifier: Apache-2.0
// Is this installation well: a table of small checks, each says what is there, what is wrong and how to fix it.
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
  std::filesystem::path source_dir;  ///< of the build; may be gone
};

/// One check. What it throws counts as failed, with the error's remedy; the name is filled in by the runner.
struct DoctorCheck {
  const char* name;
  CheckResult (*run)(const DoctorContext& context);
};
/// All, the quick ones first.
std::span<const DoctorCheck> doctor_checks();

struct Diagnosis {
  std::vector<CheckResult> checks;  ///< in the table's order, all of them
  bool is_stuck = false;            ///< a check still runs: end the process without waiting for it
  bool is_well() const;             ///< none failed
};
/// Runs the checks on a thread of their own; what is not done after `limit` is a warning.
Diagnosis diagnose(const DoctorContext& context, std::span<const DoctorCheck> checks, std::chrono::milliseconds limit);

/// {"checks":[{"name","status","detail","remedy"?}]}
Json to_json(const Diagnosis& diagnosis);
std::string to_text(const Diagnosis& diagnosis);

}  // namespace mien::app
