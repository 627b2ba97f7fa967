// SPDX-License-Identifier: Apache-2.0
// OpenVINO looks for its plugins next to its own library, and for some files in the working folder, where anyone may
// have put them.
#pragma once

#include <filesystem>

namespace mien::runtime {

/// The folder of the OpenVINO library that this process uses, as an absolute path; empty if it cannot be determined.
std::filesystem::path openvino_folder();

/// Throws failed if OpenVINO would load a plugin from the working folder: one is missing from `libraries`, and a
/// file of its name is in the working folder, or the working folder cannot be read (OpenVINO would end the
/// process).
void check_plugin_lookup(const std::filesystem::path& libraries);

/// Whether networks may be read from OpenVINO's cache: it then looks for weights in a file named ".bin" of the working
/// folder, and ends the process if that folder cannot be read.
bool cache_is_safe();

}  // namespace mien::runtime
