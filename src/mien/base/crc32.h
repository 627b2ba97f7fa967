// SPDX-License-Identifier: Apache-2.0
// CRC-32 of zip archives (polynomial 0xEDB88320, reflected), eight bytes per step.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace mien {

std::uint32_t crc32(std::span<const std::byte> bytes);

}  // namespace mien
