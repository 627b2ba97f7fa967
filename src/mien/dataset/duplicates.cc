// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/duplicates.h"

#include <algorithm>
#include <bit>
#include <map>
#include <numeric>
#include <set>
#include <unordered_map>

namespace mien::dataset {
namespace {

constexpr int kMaxBits = 7;  // of 64; eight bands of a byte then share at least one byte
constexpr int kBands = 8;

std::uint8_t band(std::uint64_t bits, int b) { return static_cast<std::uint8_t>(bits >> (8 * b)); }

/// Positions by the value of each byte of their dHash.
class BandIndex {
 public:
  explicit BandIndex(std::span<const Fingerprint> pictures, const std::vector<std::size_t>& chosen)
      : pictures_(pictures) {
    for (const std::size_t i : chosen)
      for (int b = 0; b < kBands; ++b) buckets_[static_cast<std::size_t>(b)][band(pictures[i].bits, b)].push_back(i);
  }
  /// Calls body(j) for the selected j > i with a dHash near `bits`, each once.
  template <typename Body>
  void each_near(std::uint64_t bits, std::size_t i, const Body& body) const {
    for (int b = 0; b < kBands; ++b) {
      const auto& bucket = buckets_[static_cast<std::size_t>(b)][band(bits, b)];
      for (auto it = std::upper_bound(bucket.begin(), bucket.end(), i); it != bucket.end(); ++it) {
        const std::uint64_t difference = pictures_[*it].bits ^ bits;
        if (std::popcount(difference) > kMaxBits) continue;
        bool seen_before = false;
        for (int c = 0; c < b; ++c) seen_before = seen_before || band(difference, c) == 0;
        if (!seen_before) body(*it);
      }
    }
  }

 private:
  std::span<const Fingerprint> pictures_;
  std::array<std::array<std::vector<std::size_t>, 256>, kBands> buckets_;
};

std::size_t root_of(std::vector<std::size_t>& parent, std::size_t i) {
  while (parent[i] != i) i = parent[i] = parent[parent[i]];
  return i;
}

}  // namespace

std::string_view to_string(Likeness likeness) {
  switch (likeness) {
    case Likeness::exact:
      return "exact";
    case Likeness::similar:
      return "similar";
    case Likeness::mirrored:
      return "mirrored";
  }
  return "exact";
}

std::vector<Pair> find_duplicates(std::span<const Fingerprint> pictures) {
  std::vector<Pair> pairs;
  std::unordered_map<std::string_view, std::size_t> first_of;
  std::vector<std::size_t> distinct;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    if (pictures[i].content.empty()) continue;
    const auto [it, is_new] = first_of.try_emplace(pictures[i].content, i);
    if (is_new)
      distinct.push_back(i);
    else
      pairs.push_back({it->second, i, Likeness::exact});
  }
  const BandIndex index(pictures, distinct);
  for (const std::size_t i : distinct) {
    index.each_near(pictures[i].bits, i, [&](std::size_t j) {
      if (correlation(pictures[i], pictures[j], false) >= kAlike) pairs.push_back({i, j, Likeness::similar});
    });
    index.each_near(pictures[i].mirrored, i, [&](std::size_t j) {
      if (correlation(pictures[i], pictures[j], true) >= kAlike) pairs.push_back({i, j, Likeness::mirrored});
    });
  }
  return pairs;
}

DuplicateCounts count_duplicates(std::span<const Pair> pairs, std::span<const int> split, std::span<const int> label) {
  std::vector<std::size_t> parent(split.size());
  std::iota(parent.begin(), parent.end(), std::size_t{0});
  for (const Pair& pair : pairs) parent[root_of(parent, pair.second)] = root_of(parent, pair.first);
  struct Group {
    std::size_t size = 0;
    std::set<int> splits, labels;
  };
  std::map<std::size_t, Group> groups;
  for (std::size_t i = 0; i < split.size(); ++i) {
    Group& group = groups[root_of(parent, i)];
    ++group.size;
    group.splits.insert(split[i]);
    group.labels.insert(label[i]);
  }
  DuplicateCounts counts;
  for (const auto& [root, group] : groups) {
    counts.within += group.size - group.splits.size();
    counts.across += group.splits.size() - 1;
    counts.label_conflicts += group.labels.size() > 1;
  }
  return counts;
}

}  // namespace mien::dataset
