// SPDX-License-Identifier: Apache-2.0
#include "mien/dataset/splitting.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "mien/base/error.h"
#include "mien/base/random.h"
#include "mien/pack/main_class.h"

namespace mien::dataset {
namespace {

using pack::Split;
constexpr std::array<Split, 3> kSplits = {Split::train, Split::valid, Split::test};

using Group = std::vector<std::size_t>;  ///< positions of one subject's pictures

std::vector<Group> groups_of(const Listing& listing) {
  std::map<std::string, Group> by_subject;
  std::vector<Group> groups;
  for (std::size_t i = 0; i < listing.items.size(); ++i) {
    const auto& sample = listing.items[i].sample;
    if (sample.split != Split::train) continue;
    if (sample.subject.empty())
      groups.push_back({i});
    else
      by_subject[sample.subject].push_back(i);
  }
  for (auto& [subject, group] : by_subject) groups.push_back(std::move(group));
  return groups;
}

/// Pictures are split by class; those with boxes by the class of the first box, those without as a group.
constexpr std::size_t kNumStrata = face::kNumExpressions + 1;
std::size_t stratum_of(const pack::Sample& sample) {
  const int main = pack::main_class(sample);
  return main >= 0 ? static_cast<std::size_t>(main) : kNumStrata - 1;
}

/// How much of its share each class still lacks, per split.
class Need {
 public:
  Need(const Listing& listing, const std::vector<Group>& groups, const SplitShares& shares) : listing_(listing) {
    const std::array<double, 3> wanted = {1 - shares.valid - shares.test, shares.valid, shares.test};
    for (const Group& group : groups)
      for (const std::size_t i : group)
        for (std::size_t s = 0; s < 3; ++s) target_[s][label(i)] += wanted[s];
    missing_ = target_;
  }
  /// The split that, relative to its target, lacks this group most, among those with room for all of it; if none has
  /// room, the one that lacks most pictures. Ties go to the earlier split.
  std::size_t neediest(const Group& group) const {
    std::array<double, kNumStrata> size{};
    for (const std::size_t i : group) size[label(i)] += 1;
    std::array<double, 3> relative{}, absolute{};
    bool any_has_room = false;
    for (std::size_t s = 0; s < 3; ++s) {
      bool has_room = true;
      for (std::size_t k = 0; k < size.size(); ++k) {
        if (size[k] == 0) continue;
        has_room = has_room && missing_[s][k] >= size[k] - 0.5;
        relative[s] += target_[s][k] > 0 ? size[k] * missing_[s][k] / target_[s][k] : 0;
        absolute[s] += size[k] * missing_[s][k];
      }
      if (!has_room) relative[s] = -1;
      any_has_room = any_has_room || has_room;
    }
    const auto& worth = any_has_room ? relative : absolute;
    return static_cast<std::size_t>(std::max_element(worth.begin(), worth.end()) - worth.begin());
  }
  void give(const Group& group, std::size_t s) {
    for (const std::size_t i : group) missing_[s][label(i)] -= 1;
  }

 private:
  std::size_t label(std::size_t i) const { return stratum_of(listing_.items[i].sample); }
  const Listing& listing_;
  std::array<std::array<double, kNumStrata>, 3> target_{}, missing_{};
};

}  // namespace

void split_listing(Listing& listing, const SplitShares& shares) {
  if (shares.valid == 0 && shares.test == 0) return;
  const bool in_range = shares.valid >= 0 && shares.test >= 0 && shares.valid + shares.test <= 1;
  if (!in_range)
    fail_usage(fmt::format("Shares of {:g} (valid) and {:g} (test) are outside 0..1.", shares.valid, shares.test));
  const auto counts = count_classes(listing);
  for (const auto& [split, share] : {std::pair(Split::valid, shares.valid), std::pair(Split::test, shares.test)})
    if (share > 0 && counts.contains(split))
      fail_usage(fmt::format("The data set already has a {} split.", to_string(split)),
                 fmt::format("Remove --{}-fraction.", split == Split::valid ? "val" : "test"));
  std::vector<Group> groups = groups_of(listing);
  Random random = Random::stream(shares.seed, "split");
  random.shuffle(groups);
  // Large groups first: they are the hardest to place.
  std::stable_sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) { return a.size() > b.size(); });
  Need need(listing, groups, shares);
  for (const Group& group : groups) {
    const std::size_t s = need.neediest(group);
    need.give(group, s);
    for (const std::size_t i : group) listing.items[i].sample.split = kSplits[s];
  }
}

}  // namespace mien::dataset
