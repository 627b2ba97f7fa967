// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/folds.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "mien/base/error.h"
#include "mien/base/random.h"
#include "mien/base/words.h"

namespace mien::pack {
namespace {

using Counts = std::array<std::int64_t, face::kNumExpressions + 1>;  // of each label; the last one: unlabelled

struct Unit {
  std::vector<std::size_t> samples;
  Counts counts{};
};

std::size_t row_of(int label) { return label < 0 ? face::kNumExpressions : static_cast<std::size_t>(label); }

std::string name_of(const Sample& sample, std::size_t number, FoldUnit unit, const std::string& origin) {
  if (unit == FoldUnit::image) return std::to_string(number);
  const std::string& name = unit == FoldUnit::subject ? sample.subject : sample.sequence;
  check_input(!name.empty(), fmt::format("{}: {} has no {}.", origin, sample.source, to_word(unit)),
              "Make folds of another unit: --unit image divides the pictures one by one.");
  return unit == FoldUnit::subject ? name : sample.subject + "/" + name;
}

/// Shuffled by the seed, then the largest units first: they are the hardest to place.
std::vector<Unit> units_of(const std::vector<Sample>& samples, const FoldOptions& options, const std::string& origin) {
  std::map<std::string, Unit> by_name;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Unit& unit = by_name[name_of(samples[i], i, options.unit, origin)];
    unit.samples.push_back(i);
    ++unit.counts[row_of(samples[i].label)];
  }
  std::vector<Unit> units;
  for (auto& [name, unit] : by_name) units.push_back(std::move(unit));
  Random random = Random::stream(options.seed, "folds");
  random.shuffle(units);
  std::stable_sort(units.begin(), units.end(),
                   [](const Unit& a, const Unit& b) { return a.samples.size() > b.samples.size(); });
  return units;
}

/// The fold with the fewest pictures of the unit's classes, then the fewest pictures, then the lowest number.
std::size_t neediest(const std::vector<Counts>& folds, const Unit& unit) {
  std::size_t best = 0;
  std::pair<std::int64_t, std::int64_t> least;
  for (std::size_t f = 0; f < folds.size(); ++f) {
    std::pair<std::int64_t, std::int64_t> has;
    for (std::size_t k = 0; k < unit.counts.size(); ++k) {
      has.first += unit.counts[k] * folds[f][k];
      has.second += folds[f][k];
    }
    if (f == 0 || has < least) {
      best = f;
      least = has;
    }
  }
  return best;
}

std::vector<Sample> samples_of(const Pack& pack) {
  std::vector<Sample> out;
  for (std::size_t i = 0; i < pack.size(); ++i) out.push_back(pack.sample(i));
  return out;
}

Split split_of(int fold, int test, int folds) {
  if (fold == test) return Split::test;
  return fold == (test + 1) % folds ? Split::valid : Split::train;
}

}  // namespace

std::vector<int> folds_of(const std::vector<Sample>& samples, const FoldOptions& options, const std::string& origin) {
  if (options.folds < 3)
    fail_usage(fmt::format("--folds {} leaves no training part: one fold is the test, one the validation part.",
                           options.folds),
               "Give 3 or more.");
  const auto units = units_of(samples, options, origin);
  const auto count = static_cast<std::size_t>(options.folds);
  check_input(units.size() >= count,
              fmt::format("{}: {} different values of {} cannot fill {} folds.", origin, units.size(),
                          to_word(options.unit), count),
              fmt::format("Give --folds {} or fewer, or another --unit.", std::max<std::size_t>(3, units.size())));
  std::vector<Counts> folds(count);
  std::vector<int> out(samples.size());
  for (const Unit& unit : units) {
    const std::size_t fold = neediest(folds, unit);
    for (std::size_t k = 0; k < unit.counts.size(); ++k) folds[fold][k] += unit.counts[k];
    for (const std::size_t i : unit.samples) out[i] = static_cast<int>(fold);
  }
  return out;
}

FoldReport write_fold(const Pack& source, const std::filesystem::path& path, int fold, const FoldOptions& options,
                      const std::string& command) {
  if (fold < 0 || fold >= options.folds)
    fail_usage(fmt::format("--fold {} does not exist: {} folds are counted from 0.", fold, options.folds));
  const auto samples = samples_of(source);
  const auto folds = folds_of(samples, options, source.path().string());
  FoldReport report;
  report.units = units_of(samples, options, source.path().string()).size();
  PackInfo info = source.info();
  info.provenance["fold"] = {{"folds", options.folds},        {"fold", fold},
                             {"unit", to_word(options.unit)}, {"seed", options.seed},
                             {"source_hash", source.hash()},  {"command", command}};
  PackWriter writer(path, info);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    Sample sample = samples[i];
    sample.split = split_of(folds[i], fold, options.folds);
    ++report.samples[static_cast<std::size_t>(sample.split)];
    writer.add(sample, source.pixels(i));
  }
  report.hash = writer.commit();
  return report;
}

Json to_json(const FoldReport& r) {
  return {{"units", r.units},
          {"samples", {{"train", r.samples[0]}, {"valid", r.samples[1]}, {"test", r.samples[2]}}},
          {"hash", r.hash}};
}

}  // namespace mien::pack
