// SPDX-License-Identifier: Apache-2.0
// Foreign state dicts that contain the same tensor under two names (ImportRules::twins).
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "mien/nn/safetensors.h"

namespace mien::method {

/// The entries without those under a twin's prefix. Throws bad_input if a twin's tensor differs from its original's,
/// or if it has no original.
nn::NamedTensors without_twins(const nn::NamedTensors& source,
                               const std::vector<std::pair<std::string, std::string>>& twins,
                               const std::string& origin);

}  // namespace mien::method
