// SPDX-License-Identifier: Apache-2.0
#include "mien/pack/box_noise.h"

#include <fmt/core.h>

#include "mien/base/error.h"
#include "mien/base/output_guard.h"
#include "mien/base/random.h"
#include "mien/base/text.h"

namespace mien::pack {
namespace {

/// A box whose class is drawn separately.
struct FreeBox {
  std::uint32_t picture = 0;
  std::size_t number = 0;
};

std::string list_of(const Pack& source, const NoisyBoxes& boxes) {
  const auto& classes = source.info().classes;
  std::string out = fmt::format("{}\n", kBoxTruthColumns);
  for (const auto& [picture, noisy] : boxes.by_picture) {
    const Sample& s = source.sample(picture);
    for (std::size_t i = 0; i < noisy.size(); ++i)
      out += fmt::format("{},{},{},{},{}\n", picture, i, csv_cell(s.source),
                         classes[static_cast<std::size_t>((*s.boxes)[i].label)],
                         classes[static_cast<std::size_t>(noisy[i].label)]);
  }
  return out;
}

}  // namespace

NoisyBoxes noisy_boxes(const Pack& source, const std::map<std::uint32_t, int>& new_labels,
                       const NoiseOptions& options) {
  NoisyBoxes out;
  std::vector<FreeBox> free;
  std::vector<Sample> free_samples;
  for (const std::uint32_t picture : source.indices(Split::train)) {
    const Sample& s = source.sample(picture);
    if (!s.boxes || s.boxes->empty()) continue;
    auto& boxes = out.by_picture[picture] = *s.boxes;
    const auto label = new_labels.find(picture);
    for (std::size_t i = 0; i < boxes.size(); ++i) {
      if (label != new_labels.end() && boxes[i].label == s.label) {
        boxes[i].label = label->second;
        continue;
      }
      free.push_back({picture, i});
      free_samples.emplace_back().label = boxes[i].label;
    }
  }
  check_input(free.empty() || options.kind != NoiseKind::from_votes,
              fmt::format("{}: its boxes have no votes from which to draw a class.", source.path().string()),
              "Choose another --kind of noise.");
  std::vector<const Sample*> pointers;
  for (const Sample& s : free_samples) pointers.push_back(&s);
  NoiseOptions own = options;
  own.seed = Random::stream(options.seed, "box noise").next();
  const auto drawn = noisy_labels(pointers, source.info().classes, own);
  for (std::size_t i = 0; i < free.size(); ++i) out.by_picture[free[i].picture][free[i].number].label = drawn[i];
  for (const auto& [picture, boxes] : out.by_picture) {
    const auto& before = *source.sample(picture).boxes;
    out.total += static_cast<std::int64_t>(boxes.size());
    for (std::size_t i = 0; i < boxes.size(); ++i) out.changed += boxes[i].label != before[i].label;
  }
  out.list = list_of(source, out);
  return out;
}

}  // namespace mien::pack
