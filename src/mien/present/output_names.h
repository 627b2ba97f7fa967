// SPDX-License-Identifier: Apache-2.0
// The files that predict writes for each picture, known before any work is done.
#pragma once

#include <filesystem>
#include <vector>

#include "mien/base/output_guard.h"
#include "mien/recognise/inputs.h"

namespace mien::present {

/// The name of each input's annotated picture: its own stem, with a number if an earlier input already has it
/// ("a.jpg", "a-2.jpg"), in lower or upper case; PNG for PNG, JPEG for everything else. Equal inputs give equal names,
/// whether or not pictures among them can be read.
std::vector<std::filesystem::path> annotated_names(const std::vector<recognise::Input>& inputs);

/// Refuses what the guard refuses: a `folder` that is an input folder, files in it that are inputs or not mien's.
/// `explain`: the files of explainer.h, too.
void check_outputs(OutputGuard& guard, const std::vector<recognise::Input>& inputs, const std::filesystem::path& folder,
                   bool explain);

}  // namespace mien::present
