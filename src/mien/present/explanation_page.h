// SPDX-License-Identifier: Apache-2.0
// The layout of one picture as a section of the report page.
#pragma once

#include "mien/present/layout.h"
#include "mien/report/page.h"

namespace mien::present {

/// The picture, then block by block: probabilities and facts, every panel with what it means, all bars and columns.
report::Html picture_section(const Layout& layout);

}  // namespace mien::present
