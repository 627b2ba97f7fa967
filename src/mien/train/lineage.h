// SPDX-License-Identifier: Apache-2.0
// The origin of a run's weights: its initial weights, and their initial weights in turn.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "mien/face/provenance.h"

namespace mien::train {

/// `part` ("network", "backbone") started from the weights in `file`: that file, then its own initial weights if it
/// is a mien checkpoint. Throws missing if there is no such file.
std::vector<face::Ancestor> lineage_of(const std::string& part, const std::filesystem::path& file);

/// The lineage in a checkpoint's provenance, or the published file that the checkpoint was imported from.
std::vector<face::Ancestor> lineage_in(const face::Provenance& provenance);

}  // namespace mien::train
