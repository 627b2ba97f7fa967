// SPDX-License-Identifier: Apache-2.0
// The option --detector of all commands.
#pragma once

#include <string>
#include <vector>

#include "mien/app/program.h"

namespace mien::app {

/// The value that is accepted in addition to detectors: each picture is a face crop.
inline constexpr const char* kNoDetector = "none";

std::string default_detector();
std::vector<std::string> detectors_and_none();
/// --detector NAME: a detector or none. `remark` is added to its help.
CLI::Option* add_detector_option(CLI::App* command, std::string& name, const std::string& remark = "");

}  // namespace mien::app
