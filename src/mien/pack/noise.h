// SPDX-License-Identifier: Apache-2.0
// Artificial label noise: a copy of a pack whose training labels were changed by a seeded rule, to measure how methods
// handle it. Validation and test keep their labels.
#pragma once

#include "mien/base/words.h"
#include "mien/pack/pack.h"

namespace mien::pack {

enum class NoiseKind {
  symmetric_exact,  ///< round(rate · n) samples of each class get another label, all others equally likely
  symmetric,        ///< each sample with that probability
  pairflip,         ///< c → c + 1
  asymmetric,       ///< to the class it is confused with: fear ↔ surprise, disgust ↔ anger, sadness ↔ neutral,
                    ///< contempt → neutral, happiness → surprise
  from_votes        ///< every label is drawn from its sample's label distribution; no rate
};
constexpr auto words_of(NoiseKind) {
  return std::array{"symmetric-exact", "symmetric", "pairflip", "asymmetric", "from-votes"};
}
/// Throws usage for an unknown word.
NoiseKind noise_kind(std::string_view word);

struct NoiseOptions {
  NoiseKind kind = NoiseKind::symmetric_exact;
  double rate = 0.2;
  std::uint64_t seed = 0;
};

struct LabelFlips {
  std::vector<std::string> classes;
  std::vector<std::vector<std::int64_t>> flips;  ///< row: label before, column: after; training samples
  std::int64_t samples = 0, changed = 0;         ///< labelled pictures of the training part
  std::int64_t boxes = 0, boxes_changed = 0;     ///< boxes of the training part
  std::string hash;                              ///< of the new pack
};

/// New labels of samples with these labels (>= 0) and distributions. Pure: same input, same output on every machine.
std::vector<int> noisy_labels(std::span<const Sample* const> samples, const std::vector<std::string>& classes,
                              const NoiseOptions& options);

/// Writes the noisy pack and PATH.truth.csv (index,source,clean,noisy of the training part). In the pack
/// the training samples keep nothing of their old labels: distributions become one-hot, votes are removed. The classes
/// of boxes are changed as well: a box of its picture's old label follows that label, every other one is drawn
/// separately; PATH.boxes.truth.csv (index,box,source,clean,noisy) lists them. All other fields stay. Same input, same
/// bytes. Throws usage for a rate outside 0..1, bad_input if a training sample has neither a
/// label nor boxes, or if votes are requested and a box, which has none, does not follow a label.
LabelFlips write_noisy(const Pack& source, const std::filesystem::path& path, const NoiseOptions& options,
                       const std::string& command);

/// The list of a noisy pack.
std::filesystem::path truth_path(const std::filesystem::path& pack);
/// The list of its boxes, if it has some.
std::filesystem::path box_truth_path(const std::filesystem::path& pack);
/// Pack index → label before the noise, from the list. Throws missing or bad_input, also if the list belongs to
/// another pack.
std::vector<std::pair<std::uint32_t, int>> read_truth(const std::filesystem::path& list, const Pack& pack);

Json to_json(const LabelFlips& report);

}  // namespace mien::pack
