// SPDX-License-Identifier: Apache-2.0
// The layout of one picture as one picture: a row for each face, with what its prediction was made from.
#pragma once

#include <opencv2/core/mat.hpp>

#include "mien/present/layout.h"

namespace mien::present {

inline constexpr std::size_t kMaxSheetFaces = 10;  ///< the sheet says how many more there are

cv::Mat sheet(const Layout& layout);

}  // namespace mien::present
