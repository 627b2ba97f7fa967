// SPDX-License-Identifier: Apache-2.0
#include "mien/score/breakdown.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "mien/base/error.h"
#include "mien/base/text.h"
#include "mien/base/words.h"
#include "mien/score/evaluate.h"

namespace mien::score {
namespace {

constexpr std::size_t kMostValues = 15;  // different numbers that form separate groups

/// Ranges [edge, next edge), and one open range on either side.
using Edges = std::vector<double>;
using Number = std::function<std::optional<double>(const pack::Sample&)>;
using Name = std::function<std::string(const pack::Sample&)>;

std::string number_name(double value) { return value == std::round(value) ? fixed(value, 0) : fixed(value, 2); }

std::string range_name(const Edges& edges, std::size_t range) {
  if (range == 0) return "below " + number_name(edges.front());
  if (range == edges.size()) return number_name(edges.back()) + " and more";
  return number_name(edges[range - 1]) + " to " + number_name(edges[range]);
}

/// Collects the groups under keys whose order is that of the table.
template <typename Key>
class Collector {
 public:
  void add(const Key& key, const std::string& name, const Outcome& outcome) {
    Group& group = groups_[key];
    group.name = name;
    group.pictures.push_back(outcome.picture);
    group.correct += outcome.correct() ? 1 : 0;
  }
  std::vector<Group> finish() {
    std::vector<Group> out;
    for (auto& [key, group] : groups_) out.push_back(std::move(group));
    return out;
  }

 private:
  std::map<Key, Group> groups_;
};

Breakdown by_number(const std::vector<Outcome>& outcomes, const pack::Pack& pack, const std::string& name,
                    const std::string& title, const Edges& edges, const Number& number) {
  std::set<double> values;
  for (const auto& o : outcomes)
    if (const auto value = number(pack.sample(o.picture))) values.insert(*value);
  const bool exact = values.size() <= kMostValues;
  Breakdown out{name, title, {}, 0};
  Collector<double> groups;
  for (const auto& o : outcomes) {
    const auto value = number(pack.sample(o.picture));
    if (!value) {
      ++out.unknown;
      continue;
    }
    const auto range = static_cast<std::size_t>(std::upper_bound(edges.begin(), edges.end(), *value) - edges.begin());
    if (exact)
      groups.add(*value, number_name(*value), o);
    else
      groups.add(static_cast<double>(range), range_name(edges, range), o);
  }
  out.groups = groups.finish();
  return out;
}

Breakdown by_name(const std::vector<Outcome>& outcomes, const pack::Pack& pack, const std::string& title,
                  const Name& name) {
  Breakdown out{title, title, {}, 0};
  Collector<std::string> groups;
  for (const auto& o : outcomes) {
    const std::string word = name(pack.sample(o.picture));
    if (word.empty())
      ++out.unknown;
    else
      groups.add(word, word, o);
  }
  out.groups = groups.finish();
  return out;
}

std::optional<double> degrees(const std::optional<pack::Angle>& angle) {
  if (!angle) return std::nullopt;
  return angle->degrees;
}

std::optional<double> absolute(const std::optional<pack::Angle>& angle) {
  if (!angle) return std::nullopt;
  return std::abs(angle->degrees);
}

std::optional<double> agreement(const pack::Sample& sample) {
  if (!sample.has_votes || sample.label < 0) return std::nullopt;
  return sample.distribution[static_cast<std::size_t>(sample.label)];
}

std::vector<Breakdown> broken_down(const std::vector<Outcome>& outcomes, const pack::Pack& pack, Grouping grouping) {
  switch (grouping) {
    case Grouping::pose:
      return {by_number(outcomes, pack, "yaw", "yaw, degrees", {-50, -20, 20, 50},
                        [](const auto& s) { return degrees(s.yaw); }),
              by_number(outcomes, pack, "absolute_yaw", "|yaw|, degrees", {10, 20, 35, 50},
                        [](const auto& s) { return absolute(s.yaw); })};
    case Grouping::pitch:
      return {by_number(outcomes, pack, "pitch", "pitch, degrees", {-20, -10, 10, 20},
                        [](const auto& s) { return degrees(s.pitch); })};
    case Grouping::subject:
      return {by_name(outcomes, pack, "subject", [](const auto& s) { return s.subject; })};
    case Grouping::sequence:
      return {by_name(outcomes, pack, "sequence", [](const auto& s) { return s.sequence; })};
    case Grouping::folder:
      return {by_name(outcomes, pack, "folder",
                      [](const auto& s) { return std::filesystem::path(s.source).parent_path().string(); })};
    case Grouping::agreement:
      break;
  }
  return {by_number(outcomes, pack, "agreement", "share of annotators for the label", {0.5, 0.7, 0.9}, agreement)};
}

std::string remedy_for(Grouping grouping) {
  const bool is_angle = grouping == Grouping::pose || grouping == Grouping::pitch;
  return is_angle ? "Create the pack again with 'mien data pack … --pose', or rotate faces with 'mien data warp'."
                  : "Group by another field: " + join(all_words<Grouping>(), ", ") + ".";
}

}  // namespace

std::vector<Grouping> groupings_from(const std::string& words) {
  std::vector<Grouping> out;
  if (words.empty()) return out;
  for (const auto& word : split(words, ',')) {
    const auto grouping = from_word<Grouping>(trim(word));
    if (!grouping)
      fail_usage(fmt::format("--by {} is not a field for grouping pictures.", quote(word)),
                 did_you_mean(word, all_words<Grouping>()));
    out.push_back(*grouping);
  }
  return out;
}

Share Group::accuracy() const {
  return {static_cast<double>(correct) / static_cast<double>(size()), wilson_interval(correct, size())};
}

double Breakdown::mean_accuracy() const {
  double sum = 0;
  for (const auto& group : groups) sum += group.accuracy().value;
  return sum / static_cast<double>(groups.size());
}

std::vector<Breakdown> break_down(const std::vector<Outcome>& outcomes, const pack::Pack& pack,
                                  const std::vector<Grouping>& groupings) {
  std::vector<Breakdown> out;
  for (const auto grouping : groupings)
    for (auto& breakdown : broken_down(outcomes, pack, grouping)) {
      check_input(!breakdown.groups.empty(),
                  fmt::format("{}: no picture of this part has the field {}.", pack.path().string(), to_word(grouping)),
                  remedy_for(grouping));
      out.push_back(std::move(breakdown));
    }
  return out;
}

Json to_json(const std::vector<Breakdown>& breakdowns) {
  Json out = Json::object();
  for (const auto& b : breakdowns) {
    Json groups = Json::array();
    for (const auto& group : b.groups) {
      const Share accuracy = group.accuracy();
      groups.push_back({{"name", group.name},
                        {"samples", group.size()},
                        {"accuracy", accuracy.value},
                        {"accuracy_interval", {accuracy.interval.low, accuracy.interval.high}}});
    }
    out[b.name] = {{"mean_accuracy", b.mean_accuracy()}, {"unknown", b.unknown}, {"groups", groups}};
  }
  return out;
}

std::string to_text(const Breakdown& b, std::size_t limit) {
  std::vector<Group> shown = b.groups;
  if (shown.size() > limit) {
    std::stable_sort(shown.begin(), shown.end(), [](const auto& x, const auto& y) { return x.size() > y.size(); });
    shown.resize(limit);
  }
  std::size_t width = num_characters(b.title);
  for (const auto& group : shown) width = std::max(width, num_characters(group.name));
  std::string out = fmt::format("\n{:<{}}{:>10}{:>10}  95 % interval\n", b.title, width, "pictures", "accuracy");
  for (const auto& group : shown) {
    const Share accuracy = group.accuracy();
    out += fmt::format("{:<{}}{:>10}{:>10}  {} to {}\n", group.name, width, group.size(),
                       percent_with_sign(accuracy.value, 2), percent_text(accuracy.interval.low),
                       percent_with_sign(accuracy.interval.high));
  }
  if (shown.size() < b.groups.size())
    out += fmt::format("and {} more with fewer pictures\n", b.groups.size() - shown.size());
  if (b.unknown > 0) out += fmt::format("without: {} pictures\n", b.unknown);
  return out + fmt::format("mean over groups ({}): {}\n", b.groups.size(), percent_with_sign(b.mean_accuracy(), 2));
}

}  // namespace mien::score
