// SPDX-License-Identifier: Apache-2.0
// The bytes of a pack: head (fixed), pixels, index, JSON header, in this order; little-endian.
#pragma once

#include <cstdint>

namespace mien::pack {

inline constexpr std::uint32_t kVersion = 2;  ///< the newest; version 1 has shorter records

struct Head {
  char magic[8];  ///< kPackMagic
  std::uint32_t version;
  std::uint32_t width, height, channels;
  std::uint64_t count;                        ///< pictures
  std::uint64_t index_offset, index_bytes;    ///< records, variable length (strings)
  std::uint64_t header_offset, header_bytes;  ///< JSON of PackInfo
  char hash[32];                              ///< content hash of everything after the head, hexadecimal
};
static_assert(sizeof(Head) == 96);

}  // namespace mien::pack
