// SPDX-License-Identifier: Apache-2.0
// The accuracy of an evaluation separately for groups of pictures with a common property: a view of the head, a person,
// a clip.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mien/base/json.h"
#include "mien/pack/pack.h"
#include "mien/score/intervals.h"

namespace mien::score {

struct Outcome;

/// The property for grouping pictures.
enum class Grouping {
  pose,       ///< yaw of the head, and its absolute value
  pitch,      ///< pitch of the head
  subject,    ///< person
  sequence,   ///< clip
  folder,     ///< folder of the picture in the data set
  agreement,  ///< share of the annotators who chose the label
};
constexpr auto words_of(Grouping) { return std::array{"pose", "pitch", "subject", "sequence", "folder", "agreement"}; }
/// "pose,subject" → groupings. Throws usage for another word.
std::vector<Grouping> groupings_from(const std::string& words);

struct Group {
  std::string name;                     ///< "-30", "20 to 50", "S005"
  std::vector<std::uint32_t> pictures;  ///< indices in the pack
  std::int64_t correct = 0;
  std::int64_t size() const { return static_cast<std::int64_t>(pictures.size()); }
  Share accuracy() const;  ///< with Wilson's 95 % interval
};

struct Breakdown {
  std::string name;              ///< "yaw", "absolute_yaw", "pitch", "subject", ...
  std::string title;             ///< "yaw, degrees"
  std::vector<Group> groups;     ///< numbers by size, names by alphabet
  std::int64_t unknown = 0;      ///< pictures without the field
  double mean_accuracy() const;  ///< over groups, each counted once
};

/// One breakdown per grouping; two for pose. Numbers with at most 15 different values are separate groups, others
/// fall into fixed ranges. Throws bad_input if no picture has the field.
std::vector<Breakdown> break_down(const std::vector<Outcome>& outcomes, const pack::Pack& pack,
                                  const std::vector<Grouping>& groupings);

/// {"yaw": {"mean_accuracy", "unknown", "groups": [{"name", "samples", "accuracy", "accuracy_interval"}…]}, …}
Json to_json(const std::vector<Breakdown>& breakdowns);
/// A table with one line per group, at most `limit` of them: those with the most pictures.
std::string to_text(const Breakdown& breakdown, std::size_t limit = 40);

}  // namespace mien::score
