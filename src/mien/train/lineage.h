// SPDX-License-Identifier: Apache-2.0
// Where a run's weights come from: what it began with, and what that began with in turn.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mien/face/card.h"

namespace mien::train {

/// `part` ("network", "backbone") began with the weights in `file`: that file, then what it began with itself where it
/// is a mien checkpoint. Throws missing if there is no such file.
std::vector<face::Ancestor> lineage_of(const std::string& part, const std::filesystem::path& file);

/// The lineage that a checkpoint's `training` record holds: its "lineage", or the file that it was imported from.
std::vector<face::Ancestor> lineage_in(const Json& training, const std::string& origin);

}  // namespace mien::train
