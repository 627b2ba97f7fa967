// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mien {

/// The first bytes of a pack, part of its head (pack/layout.h); they distinguish a pack from other files.
inline constexpr std::string_view kPackMagic = "MIENPACK";

}  // namespace mien
