// SPDX-License-Identifier: Apache-2.0
// Reads the pickles that torch.save writes (Python's pickletools documents the opcodes) as data: a stack machine that
// knows a short list of opcodes and of names (pickle_names.h), and runs nothing. Objects of other classes, which
// training scripts save with the weights, are skipped; names that only an attack needs are refused.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "mien/weights/value.h"

namespace mien::weights {

/// The bytes of a storage by its key; nothing if they are not available (for a truncated file only the expected size is
/// needed).
using FindStorage = std::function<std::optional<std::span<const std::byte>>(std::string_view key, std::uint64_t bytes)>;

inline constexpr std::size_t kMostValues = 2'000'000;  ///< a state dict of 1,000 tensors has 20,000

/// `bytes` must outlive the result. At most kMostValues values are created, in every case.
/// Throws bad_input naming the refused item and its position.
Pickle unpickle(std::span<const std::byte> bytes, const std::string& origin, const FindStorage& find_storage);

}  // namespace mien::weights
