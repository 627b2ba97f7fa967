// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/noise.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "mien/base/csv.h"
#include "mien/base/error.h"
#include "mien/base/output_guard.h"
#include "mien/base/random.h"
#include "mien/base/text.h"
#include "mien/pack/box_noise.h"

namespace mien::pack {
namespace {

int position_of(const std::vector<std::string>& classes, std::string_view name) {
  const auto at = std::find(classes.begin(), classes.end(), name);
  return at == classes.end() ? -1 : static_cast<int>(at - classes.begin());
}

/// Class → the class it is confused with; itself if that class is not in the pack.
std::vector<int> confusable(const std::vector<std::string>& classes) {
  static const std::map<std::string, std::string> pairs{
      {"fear", "surprise"},   {"surprise", "fear"},    {"disgust", "anger"},   {"anger", "disgust"},
      {"sadness", "neutral"}, {"contempt", "neutral"}, {"neutral", "sadness"}, {"happiness", "surprise"}};
  std::vector<int> out;
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const auto found = pairs.find(classes[i]);
    const int other = found == pairs.end() ? -1 : position_of(classes, found->second);
    out.push_back(other < 0 ? static_cast<int>(i) : other);
  }
  return out;
}

int another(int label, std::size_t num_classes, Random& random) {
  const int drawn = static_cast<int>(random.below(num_classes - 1));
  return drawn < label ? drawn : drawn + 1;
}

int drawn_from(const Sample& sample, std::size_t num_classes, Random& random) {
  double left = random.uniform();
  for (std::size_t k = 0; k < num_classes; ++k)
    if ((left -= sample.distribution[k]) < 0) return static_cast<int>(k);
  return sample.label;  // rounding
}

/// Positions to change: an exact share of each class.
std::vector<std::size_t> exact_share(std::span<const Sample* const> samples, std::size_t num_classes, double rate,
                                     Random& random) {
  std::vector<std::size_t> out;
  for (std::size_t c = 0; c < num_classes; ++c) {
    std::vector<std::size_t> members;
    for (std::size_t i = 0; i < samples.size(); ++i)
      if (samples[i]->label == static_cast<int>(c)) members.push_back(i);
    random.shuffle(members);
    members.resize(static_cast<std::size_t>(std::lround(rate * static_cast<double>(members.size()))));
    std::sort(members.begin(), members.end());
    out.insert(out.end(), members.begin(), members.end());
  }
  return out;
}

/// One row per labelled picture; `noisy` are the new labels of `labelled`.
std::string list_of(const Pack& source, std::span<const std::uint32_t> labelled, const std::vector<int>& noisy) {
  const auto& classes = source.info().classes;
  std::string out = fmt::format("{}\n", kTruthColumns);
  for (std::size_t i = 0; i < labelled.size(); ++i) {
    const Sample& s = source.sample(labelled[i]);
    out += fmt::format("{},{},{},{}\n", labelled[i], csv_cell(s.source), classes[static_cast<std::size_t>(s.label)],
                       classes[static_cast<std::size_t>(noisy[i])]);
  }
  return out;
}

/// The sample with its new label and no trace of the old one.
Sample relabelled(Sample sample, int label) {
  sample.label = label;
  sample.distribution = {};
  sample.distribution[static_cast<std::size_t>(label)] = 1;
  sample.votes = {};
  sample.has_votes = false;
  return sample;
}

/// Training pictures with a label. Throws bad_input if one has neither a label nor boxes.
std::vector<std::uint32_t> labelled_training(const Pack& source) {
  std::vector<std::uint32_t> out;
  for (const auto i : source.indices(Split::train)) {
    const Sample& s = source.sample(i);
    check_input(s.label >= 0 || s.boxes,
                fmt::format("{}: sample {} has no label to change.", source.path().string(), i));
    if (s.label >= 0) out.push_back(i);
  }
  return out;
}

Json provenance_of(const NoiseOptions& options, const LabelFlips& report, const Pack& source,
                   const std::string& command) {
  Json json = {
      {"kind", to_word(options.kind)}, {"rate", options.kind == NoiseKind::from_votes ? Json() : Json(options.rate)},
      {"seed", options.seed},          {"source_hash", source.hash()},
      {"samples", report.samples},     {"changed", report.changed},
      {"flips", report.flips}};
  if (report.boxes > 0) json["boxes"] = {{"samples", report.boxes}, {"changed", report.boxes_changed}};
  json["command"] = command;
  return json;
}

}  // namespace

NoiseKind noise_kind(std::string_view word) {
  const auto kind = from_word<NoiseKind>(word);
  if (!kind)
    fail_usage(fmt::format("Unknown kind of noise {}.", quote(word)), did_you_mean(word, all_words<NoiseKind>()));
  return *kind;
}

std::vector<int> noisy_labels(std::span<const Sample* const> samples, const std::vector<std::string>& classes,
                              const NoiseOptions& o) {
  if (!(o.rate >= 0 && o.rate <= 1))
    fail_usage(fmt::format("The noise rate {:g} is outside 0..1.", o.rate), "For example: --rate 0.2");
  const std::size_t k = classes.size();
  Random random = Random::stream(o.seed, "label noise");
  std::vector<int> out;
  for (const Sample* s : samples) out.push_back(s->label);
  if (o.kind == NoiseKind::symmetric_exact) {
    for (const std::size_t i : exact_share(samples, k, o.rate, random)) out[i] = another(out[i], k, random);
    return out;
  }
  const auto pairs = confusable(classes);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (o.kind == NoiseKind::from_votes) {
      out[i] = drawn_from(*samples[i], k, random);
    } else if (random.uniform() < o.rate) {
      if (o.kind == NoiseKind::symmetric)
        out[i] = another(out[i], k, random);
      else if (o.kind == NoiseKind::pairflip)
        out[i] = static_cast<int>((static_cast<std::size_t>(out[i]) + 1) % k);
      else
        out[i] = pairs[static_cast<std::size_t>(out[i])];
    }
  }
  return out;
}

LabelFlips write_noisy(const Pack& source, const std::filesystem::path& path, const NoiseOptions& options,
                       const std::string& command) {
  const auto labelled = labelled_training(source);
  std::vector<const Sample*> samples;
  for (const auto i : labelled) samples.push_back(&source.sample(i));
  const auto noisy = noisy_labels(samples, source.info().classes, options);
  const std::size_t k = source.info().classes.size();
  LabelFlips report{source.info().classes,
                    std::vector<std::vector<std::int64_t>>(k, std::vector<std::int64_t>(k)),
                    static_cast<std::int64_t>(labelled.size()),
                    0,
                    0,
                    0,
                    ""};
  std::map<std::uint32_t, int> new_labels;
  for (std::size_t i = 0; i < labelled.size(); ++i) {
    ++report.flips[static_cast<std::size_t>(samples[i]->label)][static_cast<std::size_t>(noisy[i])];
    report.changed += samples[i]->label != noisy[i];
    new_labels[labelled[i]] = noisy[i];
  }
  const NoisyBoxes boxes = noisy_boxes(source, new_labels, options);
  report.boxes = boxes.total, report.boxes_changed = boxes.changed;
  PackInfo info = source.info();
  info.provenance["noise"] = provenance_of(options, report, source, command);
  PackWriter writer(path, info);
  for (std::uint32_t i = 0; i < source.size(); ++i) {
    const auto label = new_labels.find(i);
    Sample s = label == new_labels.end() ? source.sample(i) : relabelled(source.sample(i), label->second);
    if (const auto changed = boxes.by_picture.find(i); changed != boxes.by_picture.end()) s.boxes = changed->second;
    writer.add(s, source.pixels(i));
  }
  AtomicFile list(truth_path(path));
  list.write(list_of(source, labelled, noisy));
  std::optional<AtomicFile> box_list;
  if (boxes.total > 0) {
    box_list.emplace(box_truth_path(path));
    box_list->write(boxes.list);
  }
  report.hash = writer.commit();
  list.commit();
  if (box_list) box_list->commit();
  return report;
}

std::filesystem::path truth_path(const std::filesystem::path& pack) { return pack.string() + ".truth.csv"; }
std::filesystem::path box_truth_path(const std::filesystem::path& pack) { return pack.string() + ".boxes.truth.csv"; }

std::vector<std::pair<std::uint32_t, int>> read_truth(const std::filesystem::path& list, const Pack& pack) {
  require_file(list, "list of true labels");
  const std::string content = read_file(list), origin = list.string();
  CsvReader reader(content, ',');
  const auto head = reader.next();
  constexpr const char* kRemedy = "Give the .truth.csv that 'mien data noise' wrote for this pack.";
  check_input(head && join(head->cells, ",") == kTruthColumns,
              fmt::format("{}: the first line is not {}.", origin, quote(kTruthColumns)), kRemedy);
  std::vector<std::pair<std::uint32_t, int>> out;
  while (const auto row = reader.next()) {
    const auto& cells = row->cells;
    const long long index = cells.size() == 4 ? parse_int(cells[0]).value_or(-1) : -1;
    check_input(index >= 0 && index < static_cast<long long>(pack.size()),
                fmt::format("{}, line {}: not a picture of the pack.", origin, row->line), kRemedy);
    const int clean = position_of(pack.info().classes, cells[2]), noisy = position_of(pack.info().classes, cells[3]);
    const Sample& s = pack.sample(static_cast<std::size_t>(index));
    check_input(
        clean >= 0 && noisy == s.label && cells[1] == s.source,
        fmt::format("{}, line {}: does not match picture {} of {}.", origin, row->line, index, pack.path().string()),
        kRemedy);
    out.emplace_back(static_cast<std::uint32_t>(index), clean);
  }
  return out;
}

Json to_json(const LabelFlips& r) {
  Json json = {{"samples", r.samples},
               {"changed", r.changed},
               {"share", r.samples ? static_cast<double>(r.changed) / static_cast<double>(r.samples) : 0.0},
               {"classes", r.classes},
               {"flips", r.flips},
               {"hash", r.hash}};
  if (r.boxes > 0) json["boxes"] = {{"samples", r.boxes}, {"changed", r.boxes_changed}};
  return json;
}

}  // namespace mien::pack
