// SPDX-License-Identifier: Apache-2.0
// The style of all reports. Colours are custom properties, so that drawings follow the scheme: --ink, --soft, --line,
// --wash, --accent (three numbers, for rgb(var(--accent) / …)), --s0 … --s6 (series, distinguishable for colour-blind
// readers).
#pragma once

#include <string_view>

namespace mien::report {

inline constexpr int kNumSeriesColours = 8;
std::string_view style_sheet();

}  // namespace mien::report
