// SPDX-License-Identifier: Apache-2.0
// Seeded random numbers, the same on every platform; the state is stored in checkpoints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace mien {

/// SplitMix64 (Steele, Lea, Flood 2014): one 64-bit word of state.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  /// An independent stream for a purpose: Random::stream(seed, "shuffle", epoch).
  static Random stream(std::uint64_t seed, std::string_view purpose, std::uint64_t number = 0);

  std::uint64_t next();
  double uniform();  ///< [0, 1), 53 bits
  double between(double low, double high) { return low + (high - low) * uniform(); }
  std::size_t below(std::size_t n);  ///< 0..n-1, without modulo bias; n >= 1
  double normal();                   ///< mean 0, variance 1

  template <typename T>
  void shuffle(std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[below(i)]);
  }

 private:
  std::uint64_t state_;
};

/// The output function of SplitMix64.
std::uint64_t splitmix64_mix(std::uint64_t z);

}  // namespace mien
