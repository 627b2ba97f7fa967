// SPDX-License-Identifier: Apache-2.0
// The class by which pictures are drawn and divided.
#pragma once

#include "mien/pack/pack.h"

namespace mien::pack {

/// The label, otherwise the class of the first box; -1 without both.
inline int main_class(const Sample& sample) {
  if (sample.label >= 0) return sample.label;
  return sample.boxes && !sample.boxes->empty() ? sample.boxes->front().label : -1;
}

}  // namespace mien::pack
