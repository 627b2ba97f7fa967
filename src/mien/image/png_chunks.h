// SPDX-License-Identifier: Apache-2.0
// The chunks of a PNG file (PNG specification, section 5): whether all exist, and which the decoder needs. libpng
// prints warnings to stderr; chunks that are checked and left out here cause no warnings.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mien::image {

/// Whether the chunks reach IEND within the bytes.
bool png_has_end(std::string_view bytes);
/// The file without colour profiles, texts and similar: header, palette, transparency, orientation, pixels, end.
/// Nothing if the checksum of one of these is wrong or the end is missing.
std::optional<std::string> png_for_decoding(std::string_view bytes);

}  // namespace mien::image
