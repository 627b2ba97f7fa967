// SPDX-License-Identifier: Apache-2.0
// A part of a pack's training pictures as a separate pack, and the others as another: for learning curves, and for a
// network that is pretrained on pictures that the method under study never sees.
#pragma once

#include "mien/pack/pack.h"

namespace mien::pack {

struct SubsetOptions {
  std::size_t samples = 0;  ///< training pictures to draw, 1 to all
  std::uint64_t seed = 0;
};

struct SubsetReport {
  std::vector<std::string> classes;
  std::vector<std::int64_t> drawn, rest;  ///< training samples by class (main_class)
  std::int64_t drawn_without_class = 0, rest_without_class = 0;
  std::string hash, rest_hash;  ///< of the new packs; rest_hash "" if none is written
};

/// Positions drawn from samples of these classes (-1: none, treated as a class), ascending. Each class keeps its
/// share to less than one sample (largest remainders). Pure: same input, same output on every machine.
std::vector<std::size_t> draw_by_class(std::span<const int> labels, const SubsetOptions& options);

/// Writes the drawn training samples to `path` and the other ones to `rest` (empty: not written); both contain the
/// whole validation and test parts, all in the order of the source. Same input, same bytes; neither file appears before
/// both are written. Throws usage if options.samples is not within 1 and the training part.
SubsetReport write_subset(const Pack& source, const std::filesystem::path& path, const std::filesystem::path& rest,
                          const SubsetOptions& options, const std::string& command);

Json to_json(const SubsetReport& report);

}  // namespace mien::pack
