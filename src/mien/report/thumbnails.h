// SPDX-License-Identifier: Apache-2.0
// Pictures of a pack inside a report, if they may be shown.
#pragma once

#include <string>

#include "mien/pack/pack.h"

namespace mien::report {

/// The picture as a data URI of a PNG, reduced to 112 pixels if it is larger.
std::string thumbnail_of(const pack::Pack& pack, std::uint32_t picture);

/// The note under pictures that are shown although the data set's terms do not allow redistribution; empty if they
/// do.
std::string private_note(const pack::PackInfo& info);
/// The reason for a list instead of pictures.
std::string left_out_note(const pack::PackInfo& info);

}  // namespace mien::report
