// SPDX-License-Identifier: Apache-2.0
// Cross-validation: the pictures of a pack in folds, and a pack with one fold as its test part. Persons or sequences
// stay whole, so that no face is in two parts.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "mien/pack/pack.h"

namespace mien::pack {

/// What is never divided between folds.
enum class FoldUnit { subject, sequence, image };
constexpr auto words_of(FoldUnit) { return std::array{"subject", "sequence", "image"}; }

struct FoldOptions {
  int folds = 10;  ///< 3 or more: one is the test part, the next one the validation part
  FoldUnit unit = FoldUnit::subject;
  std::uint64_t seed = 0;
};

/// The fold of each sample, 0..folds-1: whole units, each class spread over the folds as evenly as units allow. Pure:
/// same input, same folds. Throws bad_input if a sample lacks the subject or the sequence, or if there are fewer
/// units than folds, and usage for fewer than three folds.
std::vector<int> folds_of(const std::vector<Sample>& samples, const FoldOptions& options, const std::string& origin);

struct FoldReport {
  std::size_t units = 0;
  std::array<std::size_t, 3> samples{};  ///< train, valid, test
  std::string hash;                      ///< of the new pack
};

/// All samples of the source: fold `fold` as the test part, the next one as the validation part, the others as the
/// training part. The parts of the source are not kept. Throws like folds_of, and usage for a fold that does not exist.
FoldReport write_fold(const Pack& source, const std::filesystem::path& path, int fold, const FoldOptions& options,
                      const std::string& command);

Json to_json(const FoldReport& report);

}  // namespace mien::pack
