// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/subset.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "mien/base/error.h"
#include "mien/base/random.h"
#include "mien/pack/main_class.h"

namespace mien::pack {
namespace {

using Members = std::map<int, std::vector<std::size_t>>;  ///< label → positions

/// How many of each class to draw: proportional, rounded by largest remainders; equal ones go to the lower class first.
std::map<int, std::size_t> quotas(const Members& members, std::size_t wanted, std::size_t all) {
  std::map<int, std::size_t> out;
  std::vector<std::pair<std::size_t, int>> remainders;
  std::size_t given = 0;
  for (const auto& [label, positions] : members) {
    const std::size_t product = positions.size() * wanted;
    given += out[label] = product / all;
    remainders.emplace_back(product % all, label);
  }
  std::stable_sort(remainders.begin(), remainders.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  for (std::size_t i = 0; given < wanted; ++i, ++given) ++out[remainders[i].second];
  return out;
}

PackInfo info_of(const Pack& source, const SubsetOptions& o, std::string_view part, std::size_t samples,
                 const std::string& command) {
  PackInfo info = source.info();
  info.provenance["subset"] = {{"part", part},   {"samples", samples},           {"drawn", o.samples},
                               {"seed", o.seed}, {"source_hash", source.hash()}, {"command", command}};
  return info;
}

void count(SubsetReport& report, int main, bool is_drawn) {
  if (main < 0)
    ++(is_drawn ? report.drawn_without_class : report.rest_without_class);
  else
    ++(is_drawn ? report.drawn : report.rest)[static_cast<std::size_t>(main)];
}

/// {"samples", "classes": {name: n}, "without_class"?}
Json part_json(const std::vector<std::string>& names, const std::vector<std::int64_t>& counts,
               std::int64_t without_class) {
  Json classes = Json::object();
  for (std::size_t c = 0; c < names.size(); ++c) classes[names[c]] = counts[c];
  Json out = {{"samples", std::accumulate(counts.begin(), counts.end(), without_class)}, {"classes", classes}};
  if (without_class > 0) out["without_class"] = without_class;
  return out;
}

}  // namespace

std::vector<std::size_t> draw_by_class(std::span<const int> labels, const SubsetOptions& o) {
  if (o.samples < 1 || o.samples > labels.size())
    fail_usage(fmt::format("A subset of {} samples of {} cannot be drawn.", o.samples, labels.size()),
               fmt::format("Give 1 to {}.", labels.size()));
  Members members;
  for (std::size_t i = 0; i < labels.size(); ++i) members[labels[i]].push_back(i);
  const auto quota = quotas(members, o.samples, labels.size());
  Random random = Random::stream(o.seed, "subset");
  std::vector<std::size_t> out;
  for (auto& [label, positions] : members) {
    random.shuffle(positions);
    out.insert(out.end(), positions.begin(), positions.begin() + static_cast<std::ptrdiff_t>(quota.at(label)));
  }
  std::sort(out.begin(), out.end());
  return out;
}

SubsetReport write_subset(const Pack& source, const std::filesystem::path& path, const std::filesystem::path& rest,
                          const SubsetOptions& options, const std::string& command) {
  const auto train = source.indices(Split::train);
  std::vector<int> labels;
  for (const auto i : train) labels.push_back(main_class(source.sample(i)));
  std::vector<bool> drawn(source.size());
  for (const std::size_t at : draw_by_class(labels, options)) drawn[train[at]] = true;

  const std::size_t k = source.info().classes.size();
  SubsetReport report;
  report.classes = source.info().classes;
  report.drawn.resize(k);
  report.rest.resize(k);
  PackWriter subset(path, info_of(source, options, "drawn", options.samples, command));
  std::optional<PackWriter> others;
  if (!rest.empty()) others.emplace(rest, info_of(source, options, "rest", train.size() - options.samples, command));
  for (std::size_t i = 0; i < source.size(); ++i) {
    const Sample& s = source.sample(i);
    const bool everywhere = s.split != Split::train;
    if (!everywhere) count(report, main_class(s), drawn[i]);
    if (everywhere || drawn[i]) subset.add(s, source.pixels(i));
    if (others && (everywhere || !drawn[i])) others->add(s, source.pixels(i));
  }
  report.hash = subset.commit();
  if (others) report.rest_hash = others->commit();
  return report;
}

Json to_json(const SubsetReport& r) {
  Json out = {{"drawn", part_json(r.classes, r.drawn, r.drawn_without_class)},
              {"rest", part_json(r.classes, r.rest, r.rest_without_class)}};
  out["drawn"]["hash"] = r.hash;
  if (!r.rest_hash.empty()) out["rest"]["hash"] = r.rest_hash;
  return out;
}

}  // namespace mien::pack
