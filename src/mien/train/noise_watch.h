// SPDX-License-Identifier: Apache-2.0
// Measures how a network treats training labels that are known to be wrong (pack/noise.h): whether it memorised them.
// Uses only predict(), so that all methods are compared by the same measure.
#pragma once

#include <optional>
#include <vector>

#include "mien/batch/loader.h"
#include "mien/score/evaluate.h"

namespace mien::train {

/// Shares of the wrongly labelled training pictures, without augmentation.
struct NoiseShares {
  std::int64_t wrong = 0;  ///< pictures
  double memorised = 0;    ///< predicted as their wrong label
  double recovered = 0;    ///< predicted as their true label
};

class NoiseWatch {
 public:
  /// `set` must know its true labels (PackedSet::set_truth); otherwise throws usage.
  explicit NoiseWatch(const batch::PackedSet& set);
  /// Nothing if no label is wrong. Logits are in the pack's class order.
  std::optional<NoiseShares> judge(const score::Predictor& predictor) const;

 private:
  std::vector<std::uint32_t> pictures_;      ///< pack indices of the wrongly labelled pictures
  std::vector<std::int64_t> given_, truth_;  ///< their labels
};

}  // namespace mien::train
