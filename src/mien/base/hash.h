// SPDX-License-Identifier: Apache-2.0
// Content hashes (XXH3, 128 bits): they find damage and mix-ups in packs, checkpoints and models. Not for secrets;
// files fetched from elsewhere are pinned by SHA-256 (runtime/assets.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace mien {

/// 32 hexadecimal digits.
std::string content_hash(std::string_view bytes);
std::string content_hash(std::span<const std::byte> bytes);

/// The same hash for data that arrives piece by piece.
class ContentHasher {
 public:
  ContentHasher();
  ~ContentHasher();
  void update(std::span<const std::byte> bytes);
  void update(std::string_view bytes);
  std::string hex() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// 64-bit FNV-1a of the bytes: seeds of named random streams (and the golden files' formula weights).
std::uint64_t fnv1a64(std::string_view bytes);

}  // namespace mien
