// SPDX-License-Identifier: Apache-2.0
// Contrast-limited adaptive histogram equalisation (Zuiderveld 1994), bit for bit as OpenCV's createCLAHE computes it,
// so that a network sees in recognition what it saw in training.
#pragma once

#include <cstdint>
#include <span>

#include "mien/base/json.h"

namespace mien::face {

struct ClaheRule {
  double clip_limit = 2;  ///< of a histogram bin, in multiples of the mean bin; above 0
  int tiles = 8;          ///< per side, 1..64
  bool operator==(const ClaheRule&) const = default;
};

/// `grey`: width × height bytes, rows from the top; the result replaces them. The picture is mirrored at its right and
/// lower edge (without the edge pixel) up to a multiple of the number of tiles, in both directions as soon as one side
/// is not a multiple; a side must be longer than that border. Throws bad_input for other sizes or a bad rule.
void equalise(std::span<std::uint8_t> grey, int width, int height, const ClaheRule& rule);

Json to_json(const ClaheRule& rule);
/// Throws bad_input if a field is missing, of the wrong type or out of range.
ClaheRule clahe_rule_from_json(const Json& json, const std::string& origin);

}  // namespace mien::face
