// SPDX-License-Identifier: Apache-2.0
// Label noise for the classes of boxes (pack/noise.h).
#pragma once

#include <map>

#include "mien/pack/noise.h"

namespace mien::pack {

struct NoisyBoxes {
  std::map<std::uint32_t, std::vector<face::LabelledBox>> by_picture;  ///< pack index → its boxes with new classes
  std::int64_t total = 0, changed = 0;
  std::string list;  ///< index,box,source,clean,noisy: a row per box of the training part
};

/// Boxes of the training part with new classes. `new_labels`: the noisy labels by pack index; a box of its picture's
/// old label gets the new one, every other box is drawn separately with the same rule and rate. Throws bad_input if
/// such a box would have to be drawn from votes.
NoisyBoxes noisy_boxes(const Pack& source, const std::map<std::uint32_t, int>& new_labels, const NoiseOptions& options);

}  // namespace mien::pack
