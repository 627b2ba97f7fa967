// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace mien {

/// The first bytes of a pack: of its head (pack/layout.h), and what tells it from a file of others.
inline constexpr std::string_view kPackMagic = "MIENPACK";

}  // namespace mien
