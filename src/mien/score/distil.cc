// SPDX-License-Identifier: Apache-2.0
#include "mien/score/distil.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "mien/base/error.h"

namespace mien::score {
namespace {

void check_options(const DistilOptions& o) {
  if (!(o.share >= 0 && o.share <= 1))
    fail_usage(fmt::format("--share {:g} is not in 0..1.", o.share), "Use 0.5, for example.");
  if (!(o.temperature >= 1))
    fail_usage(fmt::format("--temperature {:g} is below 1.", o.temperature), "Use 2, for example; 1 changes nothing.");
}

/// Adds one teacher's probabilities to the sums.
void add_probabilities(const pack::Pack& pack, const Teacher& teacher, const DistilOptions& options,
                       const CancelToken& cancel, std::vector<float>& sums) {
  const std::size_t k = pack.info().classes.size();
  PredictionOptions prediction;
  prediction.temperature = teacher.temperature * options.temperature;
  prediction.progress = options.progress;
  auto row = sums.begin();
  const auto add = [&](std::uint32_t, std::span<const float> probabilities) {
    throw_if_cancelled(cancel);
    const auto known = probabilities.first(k);
    const float total = std::accumulate(known.begin(), known.end(), 0.0F);
    check_input(total > 0, fmt::format("{}: a picture has probability 0 for all classes of the pack.", teacher.name),
                "Leave this teacher out, or use a higher --temperature.");
    for (const float p : known) *row++ += p / total;
  };
  for_each_prediction(teacher.predictor, teacher.classes, pack, pack::Split::train, prediction, add);
}

Json provenance_of(const pack::Pack& source, const std::vector<Teacher>& teachers, const DistilOptions& o) {
  Json models = Json::array();
  for (const auto& teacher : teachers) models.push_back({{"name", teacher.name}, {"hash", teacher.hash}});
  return {{"teachers", models}, {"share", o.share},     {"temperature", o.temperature},
          {"flip", o.flip},     {"command", o.command}, {"source_hash", source.hash()}};
}

}  // namespace

std::vector<float> taught(const pack::Pack& pack, const std::vector<Teacher>& teachers, const DistilOptions& options,
                          const CancelToken& cancel) {
  std::vector<float> mean(pack.indices(pack::Split::train).size() * pack.info().classes.size());
  for (const auto& teacher : teachers) add_probabilities(pack, teacher, options, cancel, mean);
  for (float& p : mean) p /= static_cast<float>(teachers.size());
  return mean;
}

DistilReport write_distilled(const pack::Pack& source, const std::filesystem::path& path,
                             const std::vector<Teacher>& teachers, const DistilOptions& options,
                             const CancelToken& cancel) {
  check_options(options);
  check_input(
      !source.indices(pack::Split::train).empty(),
      fmt::format("{}: the pack has no training part, whose distributions would be replaced.", source.path().string()),
      "Give a pack with training pictures.");
  const auto probabilities = taught(source, teachers, options, cancel);
  const std::size_t k = source.info().classes.size();
  pack::PackInfo info = source.info();
  info.provenance["distilled"] = provenance_of(source, teachers, options);
  pack::PackWriter writer(path, info);
  DistilReport report;
  for (std::size_t i = 0; i < source.size(); ++i) {
    pack::Sample sample = source.sample(i);
    if (sample.split == pack::Split::train) {
      const auto row = std::span(probabilities).subspan(report.samples * k, k);
      const auto answer = std::max_element(row.begin(), row.end()) - row.begin();
      report.agree += answer == sample.label;
      ++report.samples;
      const auto share = static_cast<float>(options.share);
      for (std::size_t c = 0; c < k; ++c) sample.distribution[c] += share * (row[c] - sample.distribution[c]);
    }
    writer.add(sample, source.pixels(i));
  }
  report.hash = writer.commit();
  return report;
}

Json to_json(const DistilReport& r) { return {{"samples", r.samples}, {"agree", r.agree}, {"hash", r.hash}}; }

}  // namespace mien::score
