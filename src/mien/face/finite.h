// SPDX-License-Identifier: Apache-2.0
// Guards decoding: a network may return any number, but a detection contains only finite ones.
#pragma once

#include <cmath>

#include "mien/face/prediction.h"

namespace mien::face {

inline bool is_finite(const Detection& d) {
  bool is_good =
      std::isfinite(d.box.x) && std::isfinite(d.box.y) && std::isfinite(d.box.width) && std::isfinite(d.box.height);
  if (d.landmarks)
    for (const Point& p : d.landmarks->points()) is_good = is_good && std::isfinite(p.x) && std::isfinite(p.y);
  return is_good;
}

}  // namespace mien::face
