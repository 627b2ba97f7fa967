// SPDX-License-Identifier: Apache-2.0
// For tests of data sets' readers.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "mien/dataset/data_set.h"

namespace mien::testing {

inline face::Expression label_of(const dataset::Item& item) { return static_cast<face::Expression>(item.sample.label); }

/// FER2013's column `pixels` of a picture of one grey value.
inline std::string pixels48(int value) { return fmt::format("{}", fmt::join(std::vector<int>(48 * 48, value), " ")); }

}  // namespace mien::testing
