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

/// The bytes of a storage by its key; nothing where they are not at hand (a cut file is asked only how large it should
/// be).
using FindStorage = std::function<std::optional<std::span<const std::byte>>(std::string_view key, std::uint64_t bytes)>;

inline constexpr std::size_t kMostValues = 2'000'000;  ///< a state dict of 1,000 tensors has 20,000

/// `bytes` must outlive the result. At most kMostValues values are created, in every case.
/// Throws bad_input naming what is refused and where.
Pickle unpickle(std::span<const std::byte> bytes, const std::string& origin, const FindStorage& find_storage);

}  // namespace mien::weights
