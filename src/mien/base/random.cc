// SPDX-License-Identifier: Apache-2.0
#include "mien/base/random.h"

#include <cmath>
#include <numbers>

#include "mien/base/hash.h"

namespace mien {
namespace {
constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15ULL;
}

std::uint64_t splitmix64_mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

Random Random::stream(std::uint64_t seed, std::string_view purpose, std::uint64_t number) {
  return Random(splitmix64_mix(splitmix64_mix(seed + fnv1a64(purpose)) + number * kGolden));
}

std::uint64_t Random::next() { return splitmix64_mix(state_ += kGolden); }

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1p-53; }

std::size_t Random::below(std::size_t n) {
  const std::uint64_t limit = UINT64_MAX - UINT64_MAX % n;
  for (;;)
    if (const std::uint64_t value = next(); value < limit) return static_cast<std::size_t>(value % n);
}

double Random::normal() {
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  return radius * std::cos(2.0 * std::numbers::pi * uniform());
}

}  // namespace mien
